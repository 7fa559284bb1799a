namespace SkTuning.Compare;

/// <summary>A method of a comparison.</summary>
public sealed record ComparedMethod
{
    /// <summary>Its name in this comparison, unique: <c>prefix-text</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The tuning method or baseline behind it: <c>prefix</c>, <c>majority</c>, <c>tfidf</c>.</summary>
    public required string Method { get; init; }

    /// <summary>What it is set to beyond its defaults, by the names that adapter.json has.</summary>
    public required IReadOnlyDictionary<string, string> Settings { get; init; }

    /// <summary>The learning rates tried for each data set and seed; empty for a method that has none, which is tried once.</summary>
    public required IReadOnlyList<double> Rates { get; init; }
}
