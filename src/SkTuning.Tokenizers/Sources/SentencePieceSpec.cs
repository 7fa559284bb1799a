using SkTuning.Tokenizers.Normalizers;
using SkTuning.Tokenizers.SubwordModels;

namespace SkTuning.Tokenizers.Sources;

/// <summary>A SentencePiece model, from its own file or from a GGUF file. The id of a piece is its index.</summary>
internal sealed record SentencePieceSpec
{
    /// <summary>The file, for messages.</summary>
    public required string File { get; init; }
    public required IReadOnlyList<SentencePiece> Pieces { get; init; }

    /// <summary>True for byte-pair merging by scores, false for the best segmentation (unigram).</summary>
    public required bool IsBpe { get; init; }
    public bool ByteFallback { get; init; }
    public SentencePieceRules Rules { get; init; } = new();
    public int Bos { get; init; } = -1;
    public int Eos { get; init; } = -1;
    public int Pad { get; init; } = -1;

    public string? TextOf(int id) => id >= 0 && id < Pieces.Count ? Pieces[id].Text : null;
}
