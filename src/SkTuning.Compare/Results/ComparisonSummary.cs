using SkTuning.Tasks;

namespace SkTuning.Compare;

/// <summary>A method on a data set, over the seeds.</summary>
public sealed record ComparisonSummary
{
    /// <summary>The data set's name.</summary>
    public required string DataSet { get; init; }

    /// <summary>The method's name.</summary>
    public required string Method { get; init; }

    /// <summary>The metric that <see cref="Mean"/> is of.</summary>
    public required ComparisonMetric Metric { get; init; }

    /// <summary>Seeds with a test score.</summary>
    public required int Seeds { get; init; }

    /// <summary>Trials that failed, over all seeds and rates.</summary>
    public required int FailedTrials { get; init; }

    /// <summary>The first failure's message; null when none failed.</summary>
    public string? Failure { get; init; }

    /// <summary>The mean test score over the seeds; null without a score.</summary>
    public double? Mean { get; init; }

    /// <summary>The standard deviation over the seeds (n - 1); null below two seeds.</summary>
    public double? Sd { get; init; }

    /// <summary>The mean dev score of the trials chosen.</summary>
    public double? DevMean { get; init; }

    /// <summary>The test score of each seed that has one, in the order of the seeds.</summary>
    public required IReadOnlyList<double> Scores { get; init; }

    /// <summary>The learning rate chosen for each seed that has a score; empty for a method that has none.</summary>
    public required IReadOnlyList<double> Rates { get; init; }

    /// <summary>Trained values, head included: the mean over the trials chosen.</summary>
    public long Parameters { get; init; }

    /// <summary>Bytes of the adapter on disk: the mean over the trials chosen; 0 for baselines.</summary>
    public long AdapterBytes { get; init; }

    /// <summary>Rows trained on: the mean over the trials chosen.</summary>
    public int TrainRows { get; init; }

    /// <summary>Seconds of one optimizer step, the mean over all trials; null for methods without steps.</summary>
    public double? SecondsPerStep { get; init; }

    /// <summary>Training seconds a trial, over all trials that did not fail.</summary>
    public double SecondsPerTrial { get; init; }
}
