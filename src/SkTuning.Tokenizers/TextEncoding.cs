namespace SkTuning.Tokenizers;

/// <summary>Represents a text, or a pair of texts, as tokens. All lists have one entry per token.</summary>
public sealed class TextEncoding
{
    private readonly int[] _words;
    private readonly sbyte[] _sequences;
    private readonly int _firstReal;
    private readonly int _real;

    internal TextEncoding(int[] ids, int[] typeIds, TextSpan[] offsets, int[] words, sbyte[] sequences, int attended, bool padLeft)
    {
        (Ids, TypeIds, Offsets, _words, _sequences) = (ids, typeIds, offsets, words, sequences);
        (_firstReal, _real) = (padLeft ? ids.Length - attended : 0, attended);
    }

    /// <summary>Whether tokens were removed because the text was longer than <see cref="EncodeOptions.MaxLength"/>.</summary>
    internal bool WasTruncated { get; init; }

    /// <summary>Gets the ids of the tokens.</summary>
    public IReadOnlyList<int> Ids { get; }

    /// <summary>Gets the type id (segment) of each token, as set by the tokenizer's template: usually 0 or 1.</summary>
    public IReadOnlyList<int> TypeIds { get; }

    /// <summary>
    /// Gets the span of each token in its own text, in UTF-16 code units of the original text; (0, 0) for tokens that do not come from a text. For texts
    /// given as words, offsets count from the start of the word.
    /// </summary>
    public IReadOnlyList<TextSpan> Offsets { get; }

    /// <summary>Gets the attention mask: 1 for a real token, 0 for padding.</summary>
    public IReadOnlyList<int> AttentionMask => field ??= [.. _sequences.Select((_, i) => i >= _firstReal && i < _firstReal + _real ? 1 : 0)];

    /// <summary>Gets the mask of special tokens: 1 for a token added by the template or by padding, 0 for a token of a text.</summary>
    public IReadOnlyList<int> SpecialTokensMask => field ??= [.. _sequences.Select(s => s < 0 ? 1 : 0)];

    /// <summary>
    /// Gets the index of the word (or pre-tokenized piece) that each token belongs to, counted within its own text; null for tokens that the template or
    /// padding added.
    /// </summary>
    public IReadOnlyList<int?> WordIds => field ??= [.. _words.Select((w, i) => _sequences[i] < 0 ? (int?)null : w)];

    /// <summary>Gets the text that each token belongs to: 0 for the first text, 1 for the second, null for tokens that the template or padding added.</summary>
    public IReadOnlyList<int?> SequenceIds => field ??= [.. _sequences.Select(s => s < 0 ? (int?)null : s)];
}
