namespace SkTuning.Tokenizers;

/// <summary>Specifies which text is truncated when a pair is too long.</summary>
public enum PairTruncation
{
    /// <summary>The longer text first, until both have the same length, then both texts.</summary>
    LongestFirst,
    /// <summary>Only the first text.</summary>
    OnlyFirst,
    /// <summary>Only the second text of the pair.</summary>
    OnlySecond,
}

/// <summary>Specifies a side of a text.</summary>
public enum TextSide
{
    /// <summary>The end of the text.</summary>
    Right,
    /// <summary>The start of the text.</summary>
    Left,
}

/// <summary>Options for encoding a text.</summary>
public sealed record EncodeOptions
{
    /// <summary>Gets the default options.</summary>
    public static EncodeOptions Default { get; } = new();

    /// <summary>Whether to put the special tokens of the tokenizer's template around the text. The default is true.</summary>
    public bool AddSpecialTokens { get; init; } = true;

    /// <summary>
    /// The maximum number of tokens, special tokens included; null for no limit. The default is null, even if the tokenizer's file sets a limit.
    /// </summary>
    public int? MaxLength { get; init; }

    /// <summary>The text to truncate when a pair is longer than <see cref="MaxLength"/>. The default is <see cref="PairTruncation.LongestFirst"/>.</summary>
    public PairTruncation Truncation { get; init; } = PairTruncation.LongestFirst;

    /// <summary>The side on which tokens are removed. The default is <see cref="TextSide.Right"/>.</summary>
    public TextSide TruncationSide { get; init; } = TextSide.Right;

    /// <summary>The number of tokens to pad to; null for no padding. The default is null.</summary>
    public int? PadTo { get; init; }

    /// <summary>The number whose next multiple is the length to pad to; null for no such padding. The default is null.</summary>
    public int? PadToMultipleOf { get; init; }

    /// <summary>The side on which padding is added. The default is <see cref="TextSide.Right"/>.</summary>
    public TextSide PaddingSide { get; init; } = TextSide.Right;

    /// <summary>The id of the padding token; null for the tokenizer's own. The default is null.</summary>
    public int? PadId { get; init; }

    /// <summary>The type id of padding. The default is 0.</summary>
    public int PadTypeId { get; init; }
}
