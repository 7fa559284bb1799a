using SkTuning.Adapters;

namespace SkTuning.Serving;

/// <summary>
/// The texts that wait for a worker, a lane for each adapter. Each text has a turn (start-time fair queueing): one after that of the text before it in its
/// lane, but not before the present one. A batch starts with the text whose turn is next, so that no adapter holds up another and every text is answered in
/// time, and takes similar texts from all lanes in turn.
/// </summary>
/// <param name="options">The options of the engine.</param>
/// <param name="mixesSlots">
/// Whether adapters with different kinds of changes share batches. Each row then pays for all of them, which a GPU hardly notices, and a CPU does.
/// </param>
internal sealed class TextQueue(ClassifierEngineOptions options, bool mixesSlots) : IDisposable
{
    /// <summary>The maximum number of tokens of a batch, padding included.</summary>
    private const int MaxTokens = 8192;

    /// <summary>The maximum memory of what is injected into the rows of a batch, in bytes.</summary>
    private const long MaxInjectedBytes = 256 << 20;

    /// <summary>The number of tokens that cost a turn more.</summary>
    private const int TurnTokens = 512;

    /// <summary>Texts are taken into a batch while its padded size is at most this multiple of its real size.</summary>
    private const double MaxPadding = 1.15;

    /// <summary>The number of texts that are looked at for each one that a batch has room for.</summary>
    private const int Candidates = 4;

    private readonly object _lock = new(), _entry = new();
    private readonly List<Lane> _lanes = [];
    private readonly Dictionary<HeldAdapter, Lane> _byAdapter = [];
    private readonly SemaphoreSlim _room = new(options.MaxQueuedTexts);
    private readonly CancellationTokenSource _closing = new();
    private int _count, _idle;
    private long _turn;
    private bool _isClosed;

    /// <summary>The texts of one adapter, in the order in which they arrived.</summary>
    private sealed class Lane(HeldAdapter held)
    {
        public HeldAdapter Held { get; } = held;

        public LinkedList<PendingText> Texts { get; } = [];

        public PendingText First => Texts.First!.Value;
    }

    /// <summary>The number of texts.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Waits until there is room for a text.</summary>
    public async ValueTask EnterAsync(HeldAdapter held, CancellationToken cancellationToken)
    {
        await EnterAsync(held.Room, cancellationToken).ConfigureAwait(false);
        try { await EnterAsync(_room, cancellationToken).ConfigureAwait(false); }
        catch
        {
            held.Room.Release();
            throw;
        }
    }

    private async ValueTask EnterAsync(SemaphoreSlim room, CancellationToken cancellationToken)
    {
        if (room.Wait(0, CancellationToken.None)) return;
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closing.Token);
        try { await room.WaitAsync(both.Token).ConfigureAwait(false); }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested) { throw new ObjectDisposedException(nameof(ClassifierEngine)); }
        catch (OperationCanceledException) { throw new OperationCanceledException(cancellationToken); }
    }

    /// <summary>
    /// Takes places for all texts of a call, or for none: of two large calls that do not both fit, one is accepted. With places for some, they could refuse
    /// each other.
    /// </summary>
    /// <exception cref="EngineFullException">There is no room for all of them.</exception>
    public void Enter(HeldAdapter held, int texts)
    {
        lock (_entry)
        {
            Enter(held.Room, texts, options.MaxQueuedTextsPerAdapter, () => $" of the adapter '{held.Served.Name}'");
            try { Enter(_room, texts, options.MaxQueuedTexts, () => ""); }
            catch
            {
                held.Room.Release(texts);
                throw;
            }
        }
    }

    private static void Enter(SemaphoreSlim room, int texts, int most, Func<string> whose)
    {
        for (var taken = 0; taken < texts; taken++)
        {
            if (room.Wait(0, CancellationToken.None)) continue;
            if (taken > 0) room.Release(taken);
            throw new EngineFullException(FormattableString.Invariant(
                $"{most - taken} texts{whose()} are waiting, of at most {most}: there is no room for {texts} more. Try again later, or send fewer at a time."));
        }
    }

    /// <summary>Gives back places that no text has taken.</summary>
    public void Leave(HeldAdapter held, int texts)
    {
        if (texts == 0) return;
        held.Room.Release(texts);
        _room.Release(texts);
    }

    /// <summary>Adds a text for which there is room.</summary>
    public void Add(PendingText text)
    {
        lock (_lock)
        {
            if (_isClosed)
            {
                Leave(text.Held, 1);
                throw new ObjectDisposedException(nameof(ClassifierEngine));
            }
            if (!_byAdapter.TryGetValue(text.Held, out var lane)) _lanes.Add(_byAdapter[text.Held] = lane = new Lane(text.Held));
            text.Accepted(Math.Max(_turn, lane.Texts.Last?.Value.Turn ?? 0) + 1 + text.Tokens / TurnTokens);
            text.Node = lane.Texts.AddLast(text);
            _count++;
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>Removes a text; false if a worker has taken it.</summary>
    public bool Remove(PendingText text)
    {
        lock (_lock)
        {
            if (text.Node is not { List: not null } node) return false;
            var lane = _byAdapter[text.Held];
            lane.Texts.Remove(node);
            Removed(lane, 1);
            return true;
        }
    }

    /// <summary>
    /// Waits for texts and takes a batch: texts of adapters that can share a pass, or of one adapter. Null after the queue was closed and is empty.
    /// </summary>
    public IReadOnlyList<PendingText>? Take()
    {
        lock (_lock)
        {
            _idle++;
            try
            {
                while (true)
                {
                    if (_count > 0)
                    {
                        var wait = _isClosed || _count >= options.MaxBatchTexts ? TimeSpan.Zero : options.MaxDelay - _lanes.Max(l => l.First.Age);
                        if (wait <= TimeSpan.Zero) return Batch(Math.Clamp((_count + _idle - 1) / _idle, 1, options.MaxBatchTexts));
                        Monitor.Wait(_lock, (int)Math.Ceiling(wait.TotalMilliseconds));
                    }
                    else if (_isClosed) return null;
                    else Monitor.Wait(_lock);
                }
            }
            finally { _idle--; }
        }
    }

    private List<PendingText> Batch(int limit)
    {
        var first = _lanes.MinBy(l => l.First.Turn)!.First;
        _turn = Math.Max(_turn, first.Turn);
        var batch = first.Key is { } key ? Shared(first, key, limit) : Alone(_byAdapter[first.Held], limit);
        foreach (var group in batch.GroupBy(t => t.Held).ToList())
        {
            var lane = _byAdapter[group.Key];
            foreach (var text in group) lane.Texts.Remove(text.Node!);
            Removed(lane, group.Count());
        }
        return batch;
    }

    /// <summary>Takes texts of one adapter that share no batch with others.</summary>
    private static List<PendingText> Alone(Lane lane, int limit)
    {
        var (batch, tokens) = (new List<PendingText>(), 0L);
        foreach (var text in lane.Texts.Where(t => t.Key is null))
        {
            tokens += text.Tokens;
            if (batch.Count == limit || batch.Count > 0 && tokens > MaxTokens) break;
            batch.Add(text);
        }
        return batch;
    }

    /// <summary>Takes texts of similar length, from the lanes in turn.</summary>
    private List<PendingText> Shared(PendingText first, SharingKey key, int limit)
    {
        var near = new List<PendingText>();
        var lanes = _lanes.OrderBy(l => l.First.Turn).Select(l => l.Texts.First).ToList();
        while (near.Count < Candidates * limit && lanes.Count > 0)
        {
            for (var l = 0; l < lanes.Count && near.Count < Candidates * limit; l++)
            {
                if (lanes[l]!.Value is var text && text != first && text.Key is { } own && (mixesSlots || own.Slots == key.Slots) && key.With(own) is { } both)
                {
                    near.Add(text);
                    key = both;
                }
                lanes[l] = lanes[l]!.Next;
            }
            lanes.RemoveAll(n => n is null);
        }
        var (batch, longest, real) = (new List<PendingText> { first }, first.Length, first.Length);
        foreach (var text in near.OrderBy(t => Math.Abs(t.Length - first.Length)))
        {
            var (padded, sum) = ((long)Math.Max(longest, text.Length) * (batch.Count + 1), real + text.Length);
            if (batch.Count == limit || padded > MaxTokens || padded > MaxPadding * sum || key.Bytes * (batch.Count + 1) > MaxInjectedBytes) break;
            batch.Add(text);
            (longest, real) = (Math.Max(longest, text.Length), sum);
        }
        return batch;
    }

    private void Removed(Lane lane, int texts)
    {
        _count -= texts;
        if (lane.Texts.Count == 0)
        {
            _lanes.Remove(lane);
            _byAdapter.Remove(lane.Held);
        }
        Leave(lane.Held, texts);
    }

    /// <summary>Refuses further texts; those that are here are still taken.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _isClosed = true;
            Monitor.PulseAll(_lock);
        }
        _closing.Cancel();
    }

    public void Dispose()
    {
        _closing.Dispose();
        _room.Dispose();
    }
}
