namespace SkTuning.Tokenizers.Sources;

/// <summary>The settings "truncation" and "padding" of a tokenizer.json.</summary>
internal sealed record FileDefaults
{
    /// <summary>The reason why the settings cannot be used, or null if they can.</summary>
    public SkTuningException? Fault { get; init; }

    /// <summary>The maximum number of tokens, or null for no limit.</summary>
    public int? MaxLength { get; init; }

    /// <summary>The text of a pair that is truncated: LongestFirst, OnlyFirst or OnlySecond.</summary>
    public string Strategy { get; init; } = "LongestFirst";

    /// <summary>Whether tokens are removed at the start.</summary>
    public bool TruncatesStart { get; init; }

    /// <summary>The length to pad to, or null for no fixed length.</summary>
    public int? PadTo { get; init; }
    public int? PadToMultipleOf { get; init; }

    /// <summary>Whether padding goes to the start.</summary>
    public bool PadsStart { get; init; }
    public int? PadId { get; init; }
    public int PadTypeId { get; init; }
}
