namespace SkTuning.Compare;

/// <summary>The results of a method on a data set over all seeds.</summary>
public sealed record ComparisonSummary
{
    /// <summary>Gets the name of the data set.</summary>
    public required string DataSet { get; init; }

    /// <summary>Gets the name of the method.</summary>
    public required string Method { get; init; }

    /// <summary>Gets the metric of the scores.</summary>
    public required ComparisonMetric Metric { get; init; }

    /// <summary>Gets the number of seeds with a test score.</summary>
    public required int Seeds { get; init; }

    /// <summary>Gets the number of failed trials, over all seeds and learning rates.</summary>
    public required int FailedTrials { get; init; }

    /// <summary>Gets the message of the first failure; null if no trial failed.</summary>
    public string? Failure { get; init; }

    /// <summary>Gets the mean test score over the seeds; null if there is no score.</summary>
    public double? Mean { get; init; }

    /// <summary>Gets the sample standard deviation (n - 1) over the seeds; null with fewer than two seeds.</summary>
    public double? Sd { get; init; }

    /// <summary>Gets the mean dev score of the selected trials; null without dev rows.</summary>
    public double? DevMean { get; init; }

    /// <summary>Gets the test score of each seed that has one, in the order of the seeds.</summary>
    public required IReadOnlyList<double> Scores { get; init; }

    /// <summary>Gets the learning rate selected for each seed that has a score; empty for a method that has none.</summary>
    public required IReadOnlyList<double> Rates { get; init; }

    /// <summary>Gets the mean number of trained parameters of the selected trials, including the head.</summary>
    public long Parameters { get; init; }

    /// <summary>Gets the mean size on disk of the selected trials' adapters, in bytes; 0 for baselines.</summary>
    public long AdapterBytes { get; init; }

    /// <summary>Gets the mean number of training rows of the selected trials.</summary>
    public int TrainRows { get; init; }

    /// <summary>Gets the mean time of an optimizer step over all trials, in seconds; null for methods without steps.</summary>
    public double? SecondsPerStep { get; init; }

    /// <summary>Gets the mean training time of the trials that did not fail, in seconds.</summary>
    public double SecondsPerTrial { get; init; }

    /// <summary>
    /// Gets the mean number of sequences that the model read to predict a test row, over all seeds: more than 1 for a method that reads a row once for each
    /// label; null for a method without a model.
    /// </summary>
    public double? Passes { get; init; }
}
