using System.Runtime.CompilerServices;

namespace SkTuning.Tokenizers.Text;

/// <summary>The tokens found in a text: their ids and, if offsets are kept, the start, the end and the piece of each.</summary>
internal sealed class TokenList
{
    private const int LargestKept = 1 << 16;

    public int[] Ids = new int[64];
    public int[] Starts = [];
    public int[] Ends = [];
    public int[] Words = [];
    public int Count;

    public bool Offsets { get; private set; }

    /// <summary>The number of tokens after which the rest of the text is not read; <see cref="int.MaxValue"/> for no limit.</summary>
    public int Max { get; private set; }

    /// <summary>Whether there are as many tokens as are wanted.</summary>
    public bool IsFull => Count >= Max;

    /// <summary>Empties the list.</summary>
    public void Start(bool offsets, int max = int.MaxValue)
    {
        Count = 0;
        Offsets = offsets;
        Max = max;
        if (offsets && Starts.Length < Ids.Length) (Starts, Ends, Words) = (new int[Ids.Length], new int[Ids.Length], new int[Ids.Length]);
    }

    /// <summary>Gives back the memory that a long text took.</summary>
    public void Trim()
    {
        Count = 0;
        if (Ids.Length > LargestKept) (Ids, Starts, Ends, Words) = (new int[64], [], [], []);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(int id, int start, int end)
    {
        if (Count == Ids.Length) Grow(1);
        Ids[Count] = id;
        if (Offsets) (Starts[Count], Ends[Count]) = (start, end);
        Count++;
    }

    /// <summary>Adds ids without offsets. Call it only if offsets are not kept.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddIds(ReadOnlySpan<int> ids)
    {
        if (Count + ids.Length > Ids.Length) Grow(ids.Length);
        ids.CopyTo(Ids.AsSpan(Count));
        Count += ids.Length;
    }

    private void Grow(int more)
    {
        var size = Math.Max(Ids.Length * 2, Count + more);
        Array.Resize(ref Ids, size);
        if (!Offsets) return;
        Array.Resize(ref Starts, size);
        Array.Resize(ref Ends, size);
        Array.Resize(ref Words, size);
    }
}
