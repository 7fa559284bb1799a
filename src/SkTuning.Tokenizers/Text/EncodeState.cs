using SkTuning.Tokenizers.SubwordModels;

namespace SkTuning.Tokenizers.Text;

/// <summary>
/// What one encoding needs while it runs, kept between texts so that nothing is allocated in the steady state. One thread uses it at a time.
/// </summary>
internal sealed class EncodeState
{
    private TextBuffer _spare = new();
    private PieceList _sparePieces = new();

    /// <summary>The text as the last step left it.</summary>
    public TextBuffer Text { get; private set; } = new();

    /// <summary>The pieces of <see cref="Text"/> as the last step left them.</summary>
    public PieceList Pieces { get; private set; } = new();

    public TokenList Tokens { get; } = new();

    /// <summary>The words this state has seen and their tokens.</summary>
    public WordCache Cache { get; } = new();

    /// <summary>Where the part of the text that is being worked on starts in the whole.</summary>
    public int PartAt { get; set; }

    /// <summary>The word that is being worked on.</summary>
    public WordScratch Word { get; } = new();

    /// <summary>The search of a unigram model.</summary>
    public UnigramScratch Unigram { get; } = new();

    /// <summary>An empty text to write the next step's result into.</summary>
    public TextBuffer NextText()
    {
        _spare.Start(Text.Offsets);
        return _spare;
    }

    /// <summary>Makes the text written into <see cref="NextText"/> the current one.</summary>
    public void TakeText() => (Text, _spare) = (_spare, Text);

    /// <summary>An empty list to write the next step's pieces into.</summary>
    public PieceList NextPieces()
    {
        _sparePieces.Clear();
        return _sparePieces;
    }

    /// <summary>Makes the list written into <see cref="NextPieces"/> the current one.</summary>
    public void TakePieces() => (Pieces, _sparePieces) = (_sparePieces, Pieces);
}
