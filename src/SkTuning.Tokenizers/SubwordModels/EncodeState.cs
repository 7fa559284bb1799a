using SkTuning.Tokenizers.Text;

namespace SkTuning.Tokenizers.SubwordModels;

/// <summary>Everything that one encoding needs while it runs: the text and its pieces, the tokens found so far, and the models' working memory.</summary>
/// <param name="file">The file of the tokenizer, for messages.</param>
internal sealed class EncodeState(string file) : TextState(file)
{
    public TokenList Tokens { get; } = new();

    /// <summary>The words that this state has seen, and their tokens.</summary>
    public WordCache Cache { get; } = new();

    /// <summary>The word that is being tokenized.</summary>
    public WordScratch Word { get; } = new();

    /// <summary>The search of a unigram model.</summary>
    public UnigramScratch Unigram { get; } = new();

    public override void Trim()
    {
        base.Trim();
        Tokens.Trim();
        Word.Trim();
        Unigram.Trim();
    }
}
