using System.Globalization;

namespace SkTuning.Serving;

/// <summary>The adapters of an engine by name, within a memory budget: those that were used longest ago keep only their files.</summary>
/// <param name="options">The options of the engine.</param>
internal sealed class AdapterStore(ClassifierEngineOptions options) : IDisposable
{
    /// <summary>A disk that is full is not tried again for each call.</summary>
    private const int MillisecondsAfterFailure = 30_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, HeldAdapter> _adapters = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _versions = new(StringComparer.Ordinal);
    private readonly Lock _evicting = new();
    private readonly Lazy<string> _folder = new(() => Directory.CreateTempSubdirectory("sktuning-serving-").FullName, LazyThreadSafetyMode.PublicationOnly);
    private long _uses, _nextTry;
    private bool _isDisposed;
    private volatile bool _mayExceed;

    /// <summary>The adapters, in the order of their names.</summary>
    public IReadOnlyList<ServedAdapter> Served
    {
        get
        {
            lock (_lock) return [.. _adapters.Values.Select(a => a.Served).OrderBy(a => a.Name, StringComparer.Ordinal)];
        }
    }

    /// <summary>The number of adapters.</summary>
    public int Count
    {
        get
        {
            lock (_lock) return _adapters.Count;
        }
    }

    /// <summary>The memory of the adapters whose tensors are in memory, in bytes.</summary>
    public long Bytes
    {
        get
        {
            lock (_lock) return ResidentBytes;
        }
    }

    /// <summary>True if adapters may occupy more than the budget, so that <see cref="Trim"/> has to look.</summary>
    public bool MayExceed => _mayExceed && Environment.TickCount64 >= Interlocked.Read(ref _nextTry);

    private long ResidentBytes => _adapters.Values.Where(a => a.IsResident).Sum(a => a.Served.Bytes);

    public ServedAdapter? Find(string name)
    {
        lock (_lock) return _adapters.GetValueOrDefault(name)?.Served;
    }

    /// <summary>Adds an adapter, or replaces the one with its name.</summary>
    /// <param name="name">The name.</param>
    /// <param name="create">Creates the adapter with a version and a folder for its own files.</param>
    public ServedAdapter Put(string name, Func<int, Lazy<string>, HeldAdapter> create)
    {
        HeldAdapter? old, held;
        lock (_lock)
        {
            var version = _versions.GetValueOrDefault(name) + 1;
            var number = ++_uses;
            held = create(version, new(() => Path.Combine(_folder.Value, number.ToString(CultureInfo.InvariantCulture)),
                LazyThreadSafetyMode.PublicationOnly));
            if (_isDisposed)
            {
                held.Dispose();
                throw new ObjectDisposedException(nameof(ClassifierEngine));
            }
            held.LastUse = _uses;
            _versions[name] = version;
            old = _adapters.GetValueOrDefault(name);
            _adapters[name] = held;
            if (old is not null && !Retire(old)) old = null;
        }
        old?.Dispose();
        _mayExceed = true;
        Trim();
        return held.Served;
    }

    /// <summary>Removes an adapter; true if there was one.</summary>
    public bool Remove(string name)
    {
        HeldAdapter? old;
        lock (_lock)
        {
            if (!_adapters.Remove(name, out old)) return false;
            if (!Retire(old)) old = null;
        }
        old?.Dispose();
        return true;
    }

    /// <summary>Returns an adapter that stays usable until <see cref="Unpin"/>.</summary>
    public HeldAdapter Pin(string name)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, typeof(ClassifierEngine));
            var held = _adapters.GetValueOrDefault(name) ?? throw new UnknownAdapterException(name);
            held.LastUse = ++_uses;
            held.Pins++;
            return held;
        }
    }

    /// <summary>Pins an adapter once more.</summary>
    public void Pin(HeldAdapter held)
    {
        lock (_lock) held.Pins++;
    }

    /// <summary>Returns a pinned adapter, whose files are read if its tensors are not in memory.</summary>
    public ValueTask<TunedAdapter> ResidentAsync(HeldAdapter held, CancellationToken cancellationToken)
        => held.ResidentAsync(() => _mayExceed = true, cancellationToken);

    public void Unpin(HeldAdapter held)
    {
        bool isLast;
        lock (_lock) isLast = --held.Pins == 0 && held.IsRetired;
        if (isLast) held.Dispose();
    }

    /// <summary>Releases the tensors of adapters that are not in use, those that were used longest ago first, until the others fit into the budget.</summary>
    public void Trim()
    {
        if (!MayExceed || !_evicting.TryEnter()) return;
        try
        {
            _mayExceed = false;
            var failed = new HashSet<HeldAdapter>();
            while (NextToEvict(failed) is { } held)
            {
                try
                {
                    held.Evict(release =>
                    {
                        lock (_lock) return held.Pins == 0 && !held.IsRetired ? release() : null;
                    });
                }
                catch (Exception)
                {
                    // It cannot be written, or was removed meanwhile: its memory is not freed here.
                    Interlocked.Exchange(ref _nextTry, Environment.TickCount64 + MillisecondsAfterFailure);
                }
                if (held.IsResident) failed.Add(held);
            }
            if (Bytes > options.MaxAdapterBytes) _mayExceed = true;
        }
        finally { _evicting.Exit(); }
    }

    private HeldAdapter? NextToEvict(HashSet<HeldAdapter> failed)
    {
        lock (_lock)
        {
            return ResidentBytes <= options.MaxAdapterBytes ? null
                : _adapters.Values.Where(a => a.IsResident && a.Pins == 0 && !failed.Contains(a)).MinBy(a => a.LastUse);
        }
    }

    /// <summary>Marks an adapter as retired; true if nothing uses it. Call it inside the lock.</summary>
    private static bool Retire(HeldAdapter held)
    {
        held.IsRetired = true;
        return held.Pins == 0;
    }

    public void Dispose()
    {
        List<HeldAdapter> all;
        lock (_lock)
        {
            _isDisposed = true;
            all = [.. _adapters.Values.Where(Retire)];
            _adapters.Clear();
        }
        all.ForEach(a => a.Dispose());
        lock (_evicting)
        {
            try
            {
                if (_folder.IsValueCreated) Directory.Delete(_folder.Value, recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException) { }               // a temporary folder
        }
    }
}
