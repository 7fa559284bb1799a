namespace SkTuning.Tokenizers.PreTokenizers;

/// <summary>Specifies how the matches of a splitting pattern are handled. The names are those of tokenizer.json.</summary>
internal enum SplitBehavior
{
    /// <summary>Matches are removed.</summary>
    Removed,
    /// <summary>Each match is a piece.</summary>
    Isolated,
    /// <summary>A match ends the piece before it.</summary>
    MergedWithPrevious,
    /// <summary>A match starts the piece after it.</summary>
    MergedWithNext,
    /// <summary>Adjacent matches form one piece.</summary>
    Contiguous,
}
