namespace SkTuning.Compare;

/// <summary>A data set of a comparison.</summary>
public sealed record ComparedDataSet
{
    /// <summary>Gets the unique name of the data set.</summary>
    public required string Name { get; init; }

    /// <summary>
    /// Gets the name of the task. Data sets of the same task and different sizes are plotted as one curve. The default is the data set's name.
    /// </summary>
    public required string Task { get; init; }

    /// <summary>Gets the prompt.</summary>
    public required string Prompt { get; init; }

    /// <summary>Gets the descriptions of the labels, for the methods without their own; null if there are none.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? Descriptions { get; init; }

    /// <summary>Gets the metric that is used for selection on the dev rows and reported for the test rows.</summary>
    public required ComparisonMetric Metric { get; init; }

    /// <summary>Gets all labels in ordinal order. <see cref="Truth"/> and <see cref="ComparisonScore.Predicted"/> contain indices into this list.</summary>
    public required IReadOnlyList<string> Labels { get; init; }

    /// <summary>Gets the number of training rows (of the first seed, if each seed has its own).</summary>
    public required int TrainRows { get; init; }

    /// <summary>
    /// Gets the number of dev rows (of the first seed, if each seed has its own). It is 0 for a data set without dev rows, on which every method has one
    /// learning rate, and its last step is tested.
    /// </summary>
    public required int DevRows { get; init; }

    /// <summary>Gets the index of the true class of every test row.</summary>
    public required IReadOnlyList<int> Truth { get; init; }

    /// <summary>Gets the leaks: rows that appear in two splits.</summary>
    public required IReadOnlyList<ComparisonLeak> Leaks { get; init; }
}

/// <summary>Rows of one split that also appear in another, ignoring case, white space and punctuation.</summary>
public sealed record ComparisonLeak
{
    /// <summary>Gets the seed that the splits belong to; null if all seeds share them.</summary>
    public ulong? Seed { get; init; }

    /// <summary>Gets the split that should contain only unseen rows: test or dev.</summary>
    public required string Split { get; init; }

    /// <summary>Gets the split in which the rows also appear: train or dev.</summary>
    public required string FoundIn { get; init; }

    /// <summary>Gets the number of leaked rows of <see cref="Split"/>.</summary>
    public required int Rows { get; init; }

    /// <summary>Gets the number of leaked rows that have a different label in <see cref="FoundIn"/>.</summary>
    public required int OtherLabel { get; init; }

    /// <summary>Gets the first few leaked rows.</summary>
    public required IReadOnlyList<LeakedRow> Examples { get; init; }
}

/// <summary>A row that appears in two splits.</summary>
/// <param name="Row">The number of the row in the split that should contain only unseen rows, from 1.</param>
/// <param name="SameAs">The number of the first equal row in the other split, from 1.</param>
/// <param name="Text">The text, truncated to 120 characters.</param>
public sealed record LeakedRow(int Row, int SameAs, string Text);
