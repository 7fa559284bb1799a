using SkTuning.Adapters;

namespace SkTuning.Serving;

/// <summary>
/// One version of an adapter in an engine. Its tensors are in memory, or only in its own files: never in the files that it was loaded from, which may change.
/// </summary>
internal sealed class HeldAdapter : IDisposable
{
    private readonly FrozenModel _model;
    private readonly Lazy<string> _files;
    private readonly SemaphoreSlim _gate = new(1);
    private TunedAdapter? _adapter;
    private bool _isWritten;

    /// <param name="model">The base.</param>
    /// <param name="adapter">The adapter, which this object owns.</param>
    /// <param name="served">Its description.</param>
    /// <param name="key">What adapters that share a batch with it must have in common; null if none can.</param>
    /// <param name="files">The folder for its own files, which is created when it is needed.</param>
    /// <param name="maxQueued">The maximum number of its texts that wait for a worker.</param>
    public HeldAdapter(FrozenModel model, TunedAdapter adapter, ServedAdapter served, SharingKey? key, Lazy<string> files, int maxQueued)
        => (_model, _adapter, Served, Key, _files, Room) = (model, adapter, served, key, files, new(maxQueued));

    public ServedAdapter Served { get; }

    public SharingKey? Key { get; }

    /// <summary>A place in the queue for each of its texts.</summary>
    public SemaphoreSlim Room { get; }

    /// <summary>The number of texts and calls that need its tensors. The store changes it.</summary>
    public int Pins { get; set; }

    /// <summary>When it was used last, as a number that grows. The store changes it.</summary>
    public long LastUse { get; set; }

    /// <summary>True after it was replaced or removed. The store changes it.</summary>
    public bool IsRetired { get; set; }

    /// <summary>True if its tensors are in memory.</summary>
    public bool IsResident => Volatile.Read(ref _adapter) is not null;

    /// <summary>Returns the adapter; reads its files if it is not in memory. Call it only while it is pinned.</summary>
    /// <param name="loaded">Is called after its files were read.</param>
    /// <param name="cancellationToken">Cancels before they are read.</param>
    public async ValueTask<TunedAdapter> ResidentAsync(Action loaded, CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _adapter) is { } here) return here;
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_adapter is { } meanwhile) return meanwhile;
            var read = await TunedAdapter.LoadAsync(_files.Value, _model, cancellationToken).ConfigureAwait(false);
            Volatile.Write(ref _adapter, read);
            loaded();
            return read;
        }
        finally { _gate.Release(); }
    }

    /// <summary>Releases the tensors, after they were written to its own files, unless it is pinned.</summary>
    /// <param name="unlessPinned">Runs the given function unless the adapter is pinned, and keeps it so until the function has ended.</param>
    public void Evict(Func<Func<TunedAdapter?>, TunedAdapter?> unlessPinned)
    {
        _gate.Wait();
        try
        {
            if (_adapter is not { } adapter) return;
            // A temporary folder may have been cleaned since.
            if (!_isWritten || !File.Exists(Path.Combine(_files.Value, AdapterFolder.TensorFile))) adapter.Save(_files.Value);
            _isWritten = true;
            unlessPinned(() =>
            {
                Volatile.Write(ref _adapter, null);
                return adapter;
            })?.Dispose();
        }
        finally { _gate.Release(); }
    }

    public void Dispose()
    {
        Interlocked.Exchange(ref _adapter, null)?.Dispose();
        try
        {
            if (_isWritten) Directory.Delete(_files.Value, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { }                   // a temporary folder, which the engine deletes later
    }
}
