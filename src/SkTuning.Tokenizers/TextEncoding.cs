namespace SkTuning.Tokenizers;

/// <summary>A text, or a pair of texts, as tokens. All lists have one entry a token.</summary>
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

    /// <summary>The ids of the tokens.</summary>
    public IReadOnlyList<int> Ids { get; }

    /// <summary>The segment of each token (0 or 1), as the tokenizer's template says.</summary>
    public IReadOnlyList<int> TypeIds { get; }

    /// <summary>
    /// Where each token stands in its own text, in UTF-16 units of the text as it was given; (0, 0) for tokens that stand for nothing in a text. In pre-split
    /// texts they count from the start of the word.
    /// </summary>
    public IReadOnlyList<TextSpan> Offsets { get; }

    /// <summary>1 for a real token, 0 for padding.</summary>
    public IReadOnlyList<int> AttentionMask => field ??= [.. _sequences.Select((_, i) => i >= _firstReal && i < _firstReal + _real ? 1 : 0)];

    /// <summary>1 for a token that a template or padding put there, 0 for a token of a text.</summary>
    public IReadOnlyList<int> SpecialTokensMask => field ??= [.. _sequences.Select(s => s < 0 ? 1 : 0)];

    /// <summary>The number of the word (or of the piece before the model) each token belongs to, counted in its own text; null for added ones.</summary>
    public IReadOnlyList<int?> WordIds => field ??= [.. _words.Select((w, i) => _sequences[i] < 0 ? (int?)null : w)];

    /// <summary>0 for a token of the text, 1 for one of the pair, null for added ones.</summary>
    public IReadOnlyList<int?> SequenceIds => field ??= [.. _sequences.Select(s => s < 0 ? (int?)null : s)];
}
