namespace SkTuning.Tokenizers.SubwordModels;

/// <summary>
/// The tokens of a word while a model creates them, and the merging of BPE. For short words every pair is compared each time; for long words a heap over a
/// linked list is used, which takes at most n log n steps.
/// </summary>
internal sealed class WordScratch
{
    private const int MaxShortWord = 48;
    private const int LargestKept = 1 << 14;

    private int[] _next = [];
    private int[] _previous = [];
    private int[] _ranks = [];
    private int[] _results = [];
    private ulong[] _heap = [];
    private int _heapCount;

    public int[] Ids = new int[64];
    public int[] Lengths = new int[64];
    public byte[] Bytes = new byte[256];
    public int Count;

    /// <summary>The length of text at the start of the word that has no token. The first token covers it.</summary>
    public int Skipped;

    public void Start()
    {
        (Count, Skipped) = (0, 0);
    }

    /// <summary>Makes room for a number of tokens, exactly, because a long word takes much memory.</summary>
    public void Reserve(int count)
    {
        if (Ids.Length >= count) return;
        Array.Resize(ref Ids, count);
        Array.Resize(ref Lengths, count);
    }

    /// <summary>Gives back the memory that a long word took.</summary>
    public void Trim()
    {
        if (Ids.Length <= LargestKept && Bytes.Length <= LargestKept && _heap.Length <= 2 * LargestKept) return;
        (Ids, Lengths, Bytes) = (new int[64], new int[64], new byte[256]);
        (_next, _previous, _ranks, _results, _heap) = ([], [], [], [], []);
    }

    public void Add(int id, int length)
    {
        if (Count == Ids.Length)
        {
            Array.Resize(ref Ids, Count * 2);
            Array.Resize(ref Lengths, Count * 2);
        }
        (Ids[Count], Lengths[Count]) = (id, length + Skipped);
        (Count, Skipped) = (Count + 1, 0);
    }

    /// <summary>Merges the pair of the lowest rank, the leftmost one of equal rank, until no pair can be merged.</summary>
    public void Merge(MergeTable merges)
    {
        if (Count < 2) return;
        if (_ranks.Length < Ids.Length) (_ranks, _results) = (new int[Ids.Length], new int[Ids.Length]);
        if (Count <= MaxShortWord) MergeShort(merges);
        else MergeLong(merges);
    }

    private void MergeShort(MergeTable merges)
    {
        Span<int> ids = Ids, lengths = Lengths, ranks = _ranks, results = _results;
        var count = Count;
        for (var i = 0; i + 1 < count; i++) ranks[i] = merges.Rank(ids[i], ids[i + 1], out results[i]);
        while (count > 1)
        {
            var (best, at) = (int.MaxValue, -1);
            for (var i = 0; i < count - 1; i++)
                if (ranks[i] < best) (best, at) = (ranks[i], i);
            if (at < 0) break;
            ids[at] = results[at];
            lengths[at] += lengths[at + 1];
            count--;
            var tail = count - at - 1;
            ids.Slice(at + 2, tail).CopyTo(ids[(at + 1)..]);
            lengths.Slice(at + 2, tail).CopyTo(lengths[(at + 1)..]);
            if (tail > 0)
            {
                ranks.Slice(at + 2, tail - 1).CopyTo(ranks[(at + 1)..]);
                results.Slice(at + 2, tail - 1).CopyTo(results[(at + 1)..]);
                ranks[at] = merges.Rank(ids[at], ids[at + 1], out results[at]);
            }
            if (at > 0) ranks[at - 1] = merges.Rank(ids[at - 1], ids[at], out results[at - 1]);
        }
        Count = count;
    }

    private void MergeLong(MergeTable merges)
    {
        if (_next.Length < Count) (_next, _previous) = (new int[Ids.Length], new int[Ids.Length]);
        if (_heap.Length < Count) _heap = new ulong[Ids.Length];
        _heapCount = 0;
        for (var i = 0; i < Count; i++) (_previous[i], _next[i]) = (i - 1, i + 1 < Count ? i + 1 : -1);
        for (var i = 0; i < Count; i++) Rate(merges, i);
        while (_heapCount > 0)
        {
            var top = Pop();
            var (rank, at) = ((int)(top >> 32), (int)(uint)top);
            // A pair that has changed since it was queued has another rank now, or none.
            if (_ranks[at] != rank) continue;
            var right = _next[at];
            Ids[at] = _results[at];
            Lengths[at] += Lengths[right];
            _ranks[right] = int.MaxValue;
            _next[at] = _next[right];
            if (_next[at] >= 0) _previous[_next[at]] = at;
            Rate(merges, at);
            if (_previous[at] >= 0) Rate(merges, _previous[at]);
        }
        var kept = 0;
        for (var at = 0; at >= 0; at = _next[at]) (Ids[kept], Lengths[kept++]) = (Ids[at], Lengths[at]);
        Count = kept;
    }

    /// <summary>Looks up the rank of the pair that starts at a symbol, and queues the pair.</summary>
    private void Rate(MergeTable merges, int at)
    {
        _ranks[at] = _next[at] < 0 ? int.MaxValue : merges.Rank(Ids[at], Ids[_next[at]], out _results[at]);
        if (_ranks[at] != int.MaxValue) Push((ulong)(uint)_ranks[at] << 32 | (uint)at);
    }

    private void Push(ulong item)
    {
        if (_heapCount == _heap.Length) Array.Resize(ref _heap, Math.Max(256, _heap.Length + _heap.Length / 2));
        var at = _heapCount++;
        while (at > 0)
        {
            var parent = (at - 1) / 2;
            if (_heap[parent] <= item) break;
            _heap[at] = _heap[parent];
            at = parent;
        }
        _heap[at] = item;
    }

    private ulong Pop()
    {
        var top = _heap[0];
        var last = _heap[--_heapCount];
        var at = 0;
        while (true)
        {
            var child = 2 * at + 1;
            if (child >= _heapCount) break;
            if (child + 1 < _heapCount && _heap[child + 1] < _heap[child]) child++;
            if (last <= _heap[child]) break;
            _heap[at] = _heap[child];
            at = child;
        }
        _heap[at] = last;
        return top;
    }
}
