using SkTuning.Tokenizers.Sources;
using SkTuning.Tokenizers.Text;

namespace SkTuning.Tokenizers.SubwordModels;

/// <summary>What turns a piece of text into tokens. Words that come again are remembered.</summary>
internal abstract class SubwordModel(Vocabulary vocabulary)
{
    /// <summary>Words longer than this are not remembered.</summary>
    private const int LongestCached = 96;

    public Vocabulary Vocabulary => vocabulary;

    /// <summary>The id for what has no token, if there is one.</summary>
    public abstract int? Unknown { get; }

    /// <summary>Adds the tokens of a piece to <see cref="EncodeState.Tokens"/>; starts and ends count UTF-16 units from the start of the piece.</summary>
    public virtual void Encode(ReadOnlySpan<char> piece, EncodeState state) => EncodeWord(piece, 0, state);

    /// <summary>A word that stands at <paramref name="at"/> of the piece.</summary>
    protected void EncodeWord(ReadOnlySpan<char> word, int at, EncodeState state)
    {
        var cached = word.Length <= LongestCached;
        var hash = 0u;
        if (cached && state.Cache.TryGet(word, out hash, out var ids, out var lengths))
        {
            if (!state.Tokens.Offsets) state.Tokens.AddIds(ids);
            else Write(word, at, ids, lengths, state.Tokens);
            return;
        }
        var scratch = state.Word;
        scratch.Start();
        Tokenize(word, state);
        ids = scratch.Ids.AsSpan(0, scratch.Count);
        lengths = scratch.Lengths.AsSpan(0, scratch.Count);
        if (cached) state.Cache.Add(word, hash, ids, lengths);
        if (!state.Tokens.Offsets) state.Tokens.AddIds(ids);
        else Write(word, at, ids, lengths, state.Tokens);
    }

    /// <summary>Puts the tokens of a word into <see cref="EncodeState.Word"/>, with the length of each.</summary>
    protected abstract void Tokenize(ReadOnlySpan<char> word, EncodeState state);

    /// <summary>Adds tokens whose lengths count UTF-16 units. A token of length 0 is a further byte of the character before and covers the same text.</summary>
    protected virtual void Write(ReadOnlySpan<char> word, int at, ReadOnlySpan<int> ids, ReadOnlySpan<int> lengths, TokenList tokens)
    {
        var (start, end) = (at, at);
        for (var i = 0; i < ids.Length; i++)
        {
            if (lengths[i] > 0) (start, end) = (end, end + lengths[i]);
            tokens.Add(ids[i], start, Math.Min(end, at + word.Length));
        }
    }

    /// <summary>Writes down what decides the result.</summary>
    public abstract void Describe(Fingerprint fingerprint);
}
