using SkTuning.Tokenizers.Sources;
using SkTuning.Tokenizers.Text;

namespace SkTuning.Tokenizers.SubwordModels;

/// <summary>What turns a piece of text into tokens.</summary>
internal abstract class SubwordModel(Vocabulary vocabulary)
{
    /// <summary>Pieces longer than this are not kept in the word cache.</summary>
    protected const int LongestCached = 96;

    public Vocabulary Vocabulary => vocabulary;

    /// <summary>The id for what has no token, if there is one.</summary>
    public abstract int? Unknown { get; }

    /// <summary>Adds the tokens of a piece to <see cref="EncodeState.Tokens"/>; starts and ends count UTF-16 units from the start of the piece.</summary>
    public abstract void Encode(ReadOnlySpan<char> piece, EncodeState state);

    /// <summary>Writes down what decides the result.</summary>
    public abstract void Describe(Fingerprint fingerprint);
}
