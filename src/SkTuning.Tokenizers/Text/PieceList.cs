namespace SkTuning.Tokenizers.Text;

/// <summary>A part of the text that is encoded by itself. <see cref="Token"/> is the id if the part is an added token, or -1.</summary>
internal readonly record struct Piece(int Start, int End, int Token = -1);

/// <summary>The parts of a <see cref="TextBuffer"/>, in order. Empty parts are left out, as in the reference library.</summary>
internal sealed class PieceList
{
    private const int LargestKept = 1 << 16;
    private int _max = int.MaxValue;
    private Piece[] _items = new Piece[64];

    public int Count { get; private set; }

    public ReadOnlySpan<Piece> Span => _items.AsSpan(0, Count);

    /// <summary>Whether there are as many pieces as are wanted.</summary>
    public bool IsFull => Count >= _max;

    /// <summary>Empties the list.</summary>
    /// <param name="max">The number of pieces from which on the list is full.</param>
    public void Start(int max) => (Count, _max) = (0, max);

    /// <summary>Gives back the memory that a long text took.</summary>
    public void Trim()
    {
        Count = 0;
        if (_items.Length > LargestKept) _items = new Piece[64];
    }

    public void Add(int start, int end, int token = -1)
    {
        if (start >= end) return;
        if (Count == _items.Length) Array.Resize(ref _items, _items.Length * 2);
        _items[Count++] = new(start, end, token);
    }
}
