using System.Runtime.CompilerServices;

namespace SkTuning.Tokenizers.Text;

/// <summary>The tokens found in a text: their ids and, if offsets are kept, the start, the end and the piece of each.</summary>
internal sealed class TokenList
{
    private const int LargestKept = 1 << 18;

    public int[] Ids = new int[64];
    public int[] Starts = [];
    public int[] Ends = [];
    public int[] Words = [];
    public int Count;

    public bool Offsets { get; private set; }

    public void Start(bool offsets)
    {
        Count = 0;
        Offsets = offsets;
        if (Ids.Length > LargestKept) (Ids, Starts, Ends, Words) = (new int[64], [], [], []);
        if (offsets && Starts.Length < Ids.Length) (Starts, Ends, Words) = (new int[Ids.Length], new int[Ids.Length], new int[Ids.Length]);
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
