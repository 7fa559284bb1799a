using SkTuning.Metrics;

namespace SkTuning;

/// <summary>The tags of one sequence of words.</summary>
public sealed record TokenPrediction
{
    /// <summary>The words, and where they stand in the text, if a text was given.</summary>
    public required TokenRow Row { get; init; }

    /// <summary>The tag of each word; O, or the first of the tags, for words that were not read.</summary>
    public required IReadOnlyList<string> Tags { get; init; }

    /// <summary>The probability of each word's tag, 0 to 1; 0 for words that were not read.</summary>
    public required IReadOnlyList<double> Confidences { get; init; }

    /// <summary>True when the words were too many and those at the end were not read.</summary>
    public bool WasCut { get; init; }

    /// <summary>Why there are no tags, when many rows were given and this one could not be read; null otherwise.</summary>
    public string? Error { get; init; }

    /// <summary>The entities that the tags mark, by words (read as the CoNLL script does).</summary>
    public IReadOnlyList<EntitySpan> Entities() => EntityTags.ReadConll(Tags);

    /// <summary>The entities that the tags mark, by characters of the text.</summary>
    public IReadOnlyList<CharSpan> Spans() => Row.WithTags(Tags).Spans();
}
