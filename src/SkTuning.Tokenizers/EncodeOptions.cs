namespace SkTuning.Tokenizers;

/// <summary>Which text is cut when a pair is too long.</summary>
public enum PairTruncation
{
    /// <summary>The longer one first, until both are equally long, then both.</summary>
    LongestFirst,
    /// <summary>Only the text.</summary>
    OnlyFirst,
    /// <summary>Only the pair.</summary>
    OnlySecond,
}

/// <summary>A side of a text.</summary>
public enum TextSide
{
    /// <summary>At the end.</summary>
    Right,
    /// <summary>At the start.</summary>
    Left,
}

/// <summary>How a text becomes tokens.</summary>
public sealed record EncodeOptions
{
    /// <summary>The defaults.</summary>
    public static EncodeOptions Default { get; } = new();

    /// <summary>Whether the special tokens of the tokenizer's template are put around the text. Default: true.</summary>
    public bool AddSpecialTokens { get; init; } = true;

    /// <summary>The most tokens, special ones included; null for no limit. Default: null, whatever the tokenizer's file says.</summary>
    public int? MaxLength { get; init; }

    /// <summary>Which text is cut where a pair is longer than <see cref="MaxLength"/>. Default: the longest first.</summary>
    public PairTruncation Truncation { get; init; } = PairTruncation.LongestFirst;

    /// <summary>The side tokens are cut from. Default: right.</summary>
    public TextSide TruncationSide { get; init; } = TextSide.Right;

    /// <summary>Pads up to this many tokens; null for no padding. Default: null.</summary>
    public int? PadTo { get; init; }

    /// <summary>Pads up to a multiple of this; null for no such rule. Default: null.</summary>
    public int? PadToMultipleOf { get; init; }

    /// <summary>The side padding is put on. Default: right.</summary>
    public TextSide PaddingSide { get; init; } = TextSide.Right;

    /// <summary>The id of padding; null for the tokenizer's own. Default: null.</summary>
    public int? PadId { get; init; }

    /// <summary>The type id of padding. Default: 0.</summary>
    public int PadTypeId { get; init; }
}
