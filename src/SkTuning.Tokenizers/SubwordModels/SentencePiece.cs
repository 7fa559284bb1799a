namespace SkTuning.Tokenizers.SubwordModels;

/// <summary>The kind of a piece of a SentencePiece model. The numbers are those of the file format, and of GGUF.</summary>
internal enum PieceKind
{
    Normal = 1,
    Unknown = 2,
    Control = 3,
    UserDefined = 4,
    Unused = 5,
    Byte = 6,
}

/// <summary>A piece of a SentencePiece model: its text, score and kind.</summary>
internal readonly record struct SentencePiece(string Text, float Score, PieceKind Kind);
