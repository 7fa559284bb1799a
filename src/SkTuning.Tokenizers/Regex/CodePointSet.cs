using System.Runtime.CompilerServices;

namespace SkTuning.Tokenizers.Regex;

/// <summary>A set of code points: a bitmap for the first plane, ranges for the others.</summary>
internal sealed class CodePointSet
{
    private const int Last = 0x10FFFF;
    private readonly ulong[] _plane = new ulong[1024];
    private readonly List<(int First, int Last)> _beyond = [];
    private (int First, int Last)[]? _sorted;

    public static CodePointSet Of(params ReadOnlySpan<int> codePoints)
    {
        var set = new CodePointSet();
        foreach (var c in codePoints) set.Add(c, c);
        return set;
    }

    /// <summary>Returns the set of all code points that satisfy a condition.</summary>
    public static CodePointSet Where(Func<int, bool> test)
    {
        var set = new CodePointSet();
        var first = -1;
        for (var c = 0; c <= Last + 1; c++)
        {
            var inside = c <= Last && test(c);
            if (inside && first < 0) first = c;
            if (inside || first < 0) continue;
            set.Add(first, c - 1);
            first = -1;
        }
        return set;
    }

    public void Add(int first, int last)
    {
        for (var c = first; c <= Math.Min(last, 0xFFFF); c++) _plane[c >> 6] |= 1UL << c;
        if (last <= 0xFFFF) return;
        _beyond.Add((Math.Max(first, 0x10000), last));
        _sorted = null;
    }

    public void Add(CodePointSet other)
    {
        for (var i = 0; i < _plane.Length; i++) _plane[i] |= other._plane[i];
        if (other._beyond.Count == 0) return;
        // Merged at once: a class may name the same properties a thousand times.
        _beyond.AddRange(other._beyond);
        var merged = Merged(_beyond);
        _beyond.Clear();
        _beyond.AddRange(merged);
        _sorted = null;
    }

    public CodePointSet Inverse()
    {
        var set = new CodePointSet();
        for (var i = 0; i < _plane.Length; i++) set._plane[i] = ~_plane[i];
        var next = 0x10000;
        foreach (var (first, last) in _beyond.Order())
        {
            if (first > next) set._beyond.Add((next, first - 1));
            next = Math.Max(next, last + 1);
        }
        if (next <= Last) set._beyond.Add((next, Last));
        return set;
    }

    public CodePointSet And(CodePointSet other)
    {
        // not (not a or not b)
        var set = Inverse();
        set.Add(other.Inverse());
        return set.Inverse();
    }

    /// <summary>Returns the set together with every letter that differs from one of its letters only in case.</summary>
    public CodePointSet WithoutCase()
    {
        var set = new CodePointSet();
        set.Add(this);
        var folds = new HashSet<int>();
        foreach (var c in CaseFolding.Cased)
            if (Contains(c)) folds.Add(CaseFolding.Of(c));
        foreach (var c in CaseFolding.Cased)
            if (folds.Contains(CaseFolding.Of(c))) set.Add(c, c);
        return set;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Contains(int c) => c < 0x10000 ? (_plane[c >> 6] & 1UL << c) != 0 : ContainsBeyond(c);

    private bool ContainsBeyond(int c)
    {
        var ranges = _sorted ??= Merged(_beyond);
        var (low, high) = (0, ranges.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (c < ranges[middle].First) high = middle - 1;
            else if (c > ranges[middle].Last) low = middle + 1;
            else return true;
        }
        return false;
    }

    /// <summary>Returns the ranges in order, with those that overlap or adjoin made one.</summary>
    private static (int First, int Last)[] Merged(List<(int First, int Last)> ranges)
    {
        var merged = new List<(int First, int Last)>();
        foreach (var range in ranges.Order())
        {
            if (merged.Count > 0 && range.First <= merged[^1].Last + 1) merged[^1] = (merged[^1].First, Math.Max(merged[^1].Last, range.Last));
            else merged.Add(range);
        }
        return [.. merged];
    }
}
