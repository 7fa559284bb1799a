namespace SkTuning.Tokenizers.Text;

/// <summary>
/// The text of one encoding and its pieces on their way through the normalizers and pre-tokenizers. It is kept between texts, so that nothing is allocated in
/// the steady state. Only one thread uses it at a time.
/// </summary>
internal class TextState
{
    private TextBuffer _spare = new();
    private PieceList _sparePieces = new();

    /// <summary>The text after the last step.</summary>
    public TextBuffer Text { get; private set; } = new();

    /// <summary>The pieces of <see cref="Text"/> after the last step.</summary>
    public PieceList Pieces { get; private set; } = new();

    /// <summary>The start, in the original text, of the part that is being processed.</summary>
    public int PartAt { get; set; }

    /// <summary>Returns an empty text for the result of the next step.</summary>
    public TextBuffer NextText()
    {
        _spare.Start(Text.Offsets);
        return _spare;
    }

    /// <summary>Makes the text written into <see cref="NextText"/> the current one.</summary>
    public void TakeText() => (Text, _spare) = (_spare, Text);

    /// <summary>Returns an empty list for the pieces of the next step.</summary>
    public PieceList NextPieces()
    {
        _sparePieces.Clear();
        return _sparePieces;
    }

    /// <summary>Makes the list written into <see cref="NextPieces"/> the current one.</summary>
    public void TakePieces() => (Pieces, _sparePieces) = (_sparePieces, Pieces);
}
