using System.Text.Json.Serialization;

namespace SkTuning.Compare;

/// <summary>How the reference method did against another.</summary>
public enum PairedOutcome
{
    /// <summary>It was better, beyond chance.</summary>
    Win,

    /// <summary>The difference may be chance.</summary>
    Tie,

    /// <summary>It was worse, beyond chance.</summary>
    Loss,
}

/// <summary>
/// The reference method against another on one data set, on the same test rows and seeds. Two chances have to be excluded before one is called better: that of
/// the test rows (paired bootstrap of the rows, all seeds of a row drawn together) and that of the training draw (paired t-test over seeds, from two seeds on).
/// </summary>
public sealed record PairedComparison
{
    /// <summary>The difference counts where its p is below this.</summary>
    public const double Level = 0.05;

    /// <summary>The data set's name.</summary>
    public required string DataSet { get; init; }

    /// <summary>The reference method's name.</summary>
    public required string Reference { get; init; }

    /// <summary>The other method's name.</summary>
    public required string Method { get; init; }

    /// <summary>Seeds that both have a test score of.</summary>
    public required int Seeds { get; init; }

    /// <summary>The reference's mean score over these seeds.</summary>
    public required double ReferenceMean { get; init; }

    /// <summary>The other's mean score over these seeds.</summary>
    public required double MethodMean { get; init; }

    /// <summary>Reference minus method, in the data set's metric: the mean over the seeds.</summary>
    public required double Difference { get; init; }

    /// <summary>The lower end of the difference's 95 % interval (bootstrap over the test rows).</summary>
    public required double Low { get; init; }

    /// <summary>The upper end.</summary>
    public required double High { get; init; }

    /// <summary>How likely so large a difference is by the choice of test rows if there is none (bootstrap).</summary>
    public required double RowsPValue { get; init; }

    /// <summary>The same by the choice of training rows and start values (paired t-test over seeds); null below two seeds.</summary>
    public double? SeedsPValue { get; init; }

    /// <summary>The larger of the two.</summary>
    public required double PValue { get; init; }

    /// <summary><see cref="PValue"/> corrected for the number of comparisons in this result (Holm).</summary>
    public required double AdjustedPValue { get; init; }

    /// <summary>Predictions that only the reference has right, over all seeds.</summary>
    public required int OnlyReference { get; init; }

    /// <summary>Predictions that only the other has right, over all seeds.</summary>
    public required int OnlyMethod { get; init; }

    /// <summary>McNemar's exact test of these two counts. A row counts once a seed, though its predictions are alike: with several seeds this p is too small, and decides nothing here.</summary>
    public required double McNemarPValue { get; init; }

    /// <summary>Win or loss where <see cref="PValue"/> is below <see cref="Level"/>, else tie.</summary>
    [JsonIgnore]
    public PairedOutcome Outcome => PValue >= Level || Difference == 0 ? PairedOutcome.Tie : Difference > 0 ? PairedOutcome.Win : PairedOutcome.Loss;
}
