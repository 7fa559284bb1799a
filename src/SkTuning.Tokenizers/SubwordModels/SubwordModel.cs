using SkTuning.Tokenizers.Text;

namespace SkTuning.Tokenizers.SubwordModels;

/// <summary>A model that turns a piece of text into tokens. The tokens of recent words are cached.</summary>
internal abstract class SubwordModel(Vocabulary vocabulary)
{
    /// <summary>Words longer than this are not cached.</summary>
    private const int MaxCachedLength = 96;

    public Vocabulary Vocabulary => vocabulary;

    /// <summary>The id of the unknown token, or null if there is none.</summary>
    public abstract int? Unknown { get; }

    /// <summary>
    /// Adds the tokens of a piece to <see cref="EncodeState.Tokens"/>, or the first of them if the list is full before the end. Offsets count UTF-16 code units
    /// from the start of the piece.
    /// </summary>
    public virtual void Encode(ReadOnlySpan<char> piece, EncodeState state) => EncodeWord(piece, 0, state);

    /// <summary>Encodes a word, which starts at <paramref name="at"/> in the piece.</summary>
    protected void EncodeWord(ReadOnlySpan<char> word, int at, EncodeState state)
    {
        var cached = word.Length <= MaxCachedLength;
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
        if (cached) state.Cache.Add(word, hash, scratch.Ids.AsSpan(0, scratch.Count), scratch.Lengths.AsSpan(0, scratch.Count));
        Write(word, at, state);
    }

    /// <summary>Adds the tokens in <see cref="EncodeState.Word"/>.</summary>
    protected void Write(ReadOnlySpan<char> word, int at, EncodeState state)
    {
        var scratch = state.Word;
        if (!state.Tokens.Offsets) state.Tokens.AddIds(scratch.Ids.AsSpan(0, scratch.Count));
        else Write(word, at, scratch.Ids.AsSpan(0, scratch.Count), scratch.Lengths.AsSpan(0, scratch.Count), state.Tokens);
    }

    /// <summary>Writes the tokens of a word, and the length of each, to <see cref="EncodeState.Word"/>.</summary>
    protected abstract void Tokenize(ReadOnlySpan<char> word, EncodeState state);

    /// <summary>
    /// Adds tokens whose lengths count UTF-16 code units. A token of length 0 is a further byte of the previous character and covers the same text.
    /// </summary>
    protected virtual void Write(ReadOnlySpan<char> word, int at, ReadOnlySpan<int> ids, ReadOnlySpan<int> lengths, TokenList tokens)
    {
        var (start, end) = (at, at);
        for (var i = 0; i < ids.Length; i++)
        {
            if (lengths[i] > 0) (start, end) = (end, end + lengths[i]);
            tokens.Add(ids[i], start, Math.Min(end, at + word.Length));
        }
    }

    /// <summary>Adds everything that determines the result to a fingerprint.</summary>
    public abstract void Describe(Fingerprint fingerprint);
}
