namespace SkTuning.Tokenizers.PreTokenizers;

/// <summary>What becomes of the matches of a pattern that cuts a text; the names are those of tokenizer.json.</summary>
internal enum SplitBehavior
{
    /// <summary>Matches are dropped.</summary>
    Removed,
    /// <summary>Each match is a piece.</summary>
    Isolated,
    /// <summary>A match ends the piece before it.</summary>
    MergedWithPrevious,
    /// <summary>A match starts the piece behind it.</summary>
    MergedWithNext,
    /// <summary>Neighbouring matches make one piece.</summary>
    Contiguous,
}
