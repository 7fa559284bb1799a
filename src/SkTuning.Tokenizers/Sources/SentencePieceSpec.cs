using SkTuning.Tokenizers.Normalizers;

namespace SkTuning.Tokenizers.Sources;

/// <summary>What a piece of a SentencePiece model is; the numbers are those of the file format, and of GGUF.</summary>
internal enum PieceKind
{
    Normal = 1,
    Unknown = 2,
    Control = 3,
    UserDefined = 4,
    Unused = 5,
    Byte = 6,
}

/// <summary>A piece: its text, score and kind.</summary>
internal readonly record struct SentencePiece(string Text, float Score, PieceKind Kind);

/// <summary>A SentencePiece model, from its own file or from a GGUF. A piece's id is its place.</summary>
internal sealed record SentencePieceSpec
{
    /// <summary>The file, for messages.</summary>
    public required string File { get; init; }
    public required IReadOnlyList<SentencePiece> Pieces { get; init; }

    /// <summary>Byte-pair merging by scores, or the best segmentation (unigram).</summary>
    public required bool IsBpe { get; init; }
    public bool ByteFallback { get; init; }

    /// <summary>The compiled normalization table; null for none.</summary>
    public CharsMap? Map { get; init; }
    public bool AddDummyPrefix { get; init; } = true;
    public bool RemoveExtraSpaces { get; init; } = true;
    public bool EscapeSpaces { get; init; } = true;
    public bool SpaceAsSuffix { get; init; }
    public int Bos { get; init; } = -1;
    public int Eos { get; init; } = -1;
    public int Pad { get; init; } = -1;

    public string? TextOf(int id) => id >= 0 && id < Pieces.Count ? Pieces[id].Text : null;
}
