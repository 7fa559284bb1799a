namespace SkTuning.Tokenizers.Normalizers;

/// <summary>The normalization settings of a SentencePiece model.</summary>
internal sealed record SentencePieceRules
{
    /// <summary>The compiled normalization table, or null for none.</summary>
    public CharsMap? Map { get; init; }
    public bool AddDummyPrefix { get; init; } = true;
    public bool RemoveExtraSpaces { get; init; } = true;
    public bool EscapeSpaces { get; init; } = true;

    /// <summary>Whether the dummy prefix is added at the end of the text instead (a setting of the trainer).</summary>
    public bool SpaceAsSuffix { get; init; }
}
