namespace SkTuning.Compare;

/// <summary>A method of a comparison.</summary>
public sealed record ComparedMethod
{
    /// <summary>Gets the unique name of the method in this comparison, such as <c>prefix-text</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Gets the tuning method or baseline, such as <c>prefix</c>, <c>majority</c> or <c>tfidf</c>.</summary>
    public required string Method { get; init; }

    /// <summary>
    /// Gets the settings that differ from the defaults, named as in adapter.json: those of the method, of its head and of its objective, and what the plan
    /// specifies for this method alone (<c>preset</c>, <c>template</c>, <c>epochs</c>, <c>maxSteps</c>, <c>batchSize</c>, <c>descriptions</c>,
    /// <c>labelTexts</c>).
    /// </summary>
    public required IReadOnlyDictionary<string, string> Settings { get; init; }

    /// <summary>
    /// Gets the learning rates tried for each data set and seed, of which a data set without dev rows has one; empty for a method without a learning rate,
    /// which is tried once.
    /// </summary>
    public required IReadOnlyList<double> Rates { get; init; }
}
