namespace SkTuning.Tokenizers.Text;

/// <summary>
/// The text of one encoding and its pieces on their way through the normalizers and pre-tokenizers. It is kept between texts, so that nothing is allocated in
/// the steady state. Only one thread uses it at a time.
/// </summary>
/// <param name="file">The file of the tokenizer, for messages.</param>
internal class TextState(string file)
{
    private TextBuffer _spare = new();
    private PieceList _sparePieces = new();

    /// <summary>The limits of the text.</summary>
    public WorkBudget Budget { get; } = new(file);

    /// <summary>The number of pieces after which a step may leave out the rest; <see cref="int.MaxValue"/> for all pieces.</summary>
    public int MaxPieces { get; set; } = int.MaxValue;

    /// <summary>Whether a step left out pieces. The pieces are then the first of those that the text has.</summary>
    public bool HasMorePieces { get; set; }

    /// <summary>The text after the last step.</summary>
    public TextBuffer Text { get; private set; } = new();

    /// <summary>The pieces of <see cref="Text"/> after the last step.</summary>
    public PieceList Pieces { get; private set; } = new();

    /// <summary>The start, in the original text, of the part that is being processed.</summary>
    public int PartAt { get; private set; }

    /// <summary>Starts a part of the original text, which starts at <paramref name="at"/> there.</summary>
    public void Load(ReadOnlySpan<char> part, int at, bool offsets, int maxPieces = int.MaxValue)
    {
        (PartAt, MaxPieces, HasMorePieces) = (at, maxPieces, false);
        Text.Load(part, at, offsets, Budget);
        Pieces.Start(maxPieces);
    }

    /// <summary>Returns an empty text for the result of the next step.</summary>
    public TextBuffer NextText()
    {
        _spare.Start(Text.Offsets, Budget);
        // Most steps change the length little; doubling the arrays step by step would take more for a long text.
        _spare.Reserve(Text.Length + Text.Length / 64);
        return _spare;
    }

    /// <summary>Makes the text written into <see cref="NextText"/> the current one.</summary>
    public void TakeText()
    {
        (Text, _spare) = (_spare, Text);
        if (Text.Length > Budget.CharactersLeft) throw Budget.TooMuch();
    }

    /// <summary>Returns an empty list for the pieces of the next step.</summary>
    public PieceList NextPieces()
    {
        _sparePieces.Start(MaxPieces);
        return _sparePieces;
    }

    /// <summary>Makes the list written into <see cref="NextPieces"/> the current one.</summary>
    public void TakePieces()
    {
        (Pieces, _sparePieces) = (_sparePieces, Pieces);
        HasMorePieces |= Pieces.IsFull;
    }

    /// <summary>Gives back the memory that a long text took.</summary>
    public virtual void Trim()
    {
        Text.Trim();
        _spare.Trim();
        Pieces.Trim();
        _sparePieces.Trim();
    }
}
