using System.Runtime.CompilerServices;

namespace SkTuning.Tokenizers.SubwordModels;

/// <summary>The merges of pairs of tokens, with their ranks and results. The table uses open addressing: usually one probe per lookup.</summary>
internal sealed class MergeTable
{
    private struct Merge
    {
        public ulong Pair;
        public int Rank;
        public int Result;
    }

    private const ulong Free = ulong.MaxValue;
    private readonly Merge[] _merges;
    private readonly int _shift;

    public MergeTable(int count)
    {
        var bits = 4;
        while (1L << bits < 2L * count) bits++;
        _merges = new Merge[1 << bits];
        Array.Fill(_merges, new() { Pair = Free });
        _shift = 64 - bits;
    }

    public int Count { get; private set; }

    /// <summary>Adds a merge. A pair that was added before gets the new rank and result.</summary>
    public void Set(int left, int right, int rank, int result)
    {
        var pair = Pair(left, right);
        var slot = Slot(pair);
        while (_merges[slot].Pair != Free && _merges[slot].Pair != pair) slot = (slot + 1) & (_merges.Length - 1);
        if (_merges[slot].Pair == Free) Count++;
        _merges[slot] = new() { Pair = pair, Rank = rank, Result = result };
    }

    /// <summary>Returns the rank of a pair, or <see cref="int.MaxValue"/> if it cannot be merged, and the token it merges into.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Rank(int left, int right, out int result)
    {
        var pair = Pair(left, right);
        for (var slot = Slot(pair); ; slot = (slot + 1) & (_merges.Length - 1))
        {
            ref var merge = ref _merges[slot];
            if (merge.Pair == pair)
            {
                result = merge.Result;
                return merge.Rank;
            }
            if (merge.Pair != Free) continue;
            result = -1;
            return int.MaxValue;
        }
    }

    /// <summary>Returns all merges, in the order of their ranks.</summary>
    public IEnumerable<(int Left, int Right, int Result)> InOrder()
        => _merges.Where(m => m.Pair != Free).OrderBy(m => m.Rank).Select(m => ((int)(m.Pair >> 32), (int)(uint)m.Pair, m.Result));

    private static ulong Pair(int left, int right) => (ulong)(uint)left << 32 | (uint)right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Slot(ulong pair) => (int)(pair * 0x9E3779B97F4A7C15 >> _shift);
}
