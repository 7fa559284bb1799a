using System.Text.Json.Serialization;

namespace SkTuning.Compare;

/// <summary>The outcome of comparing the reference method with another.</summary>
public enum PairedOutcome
{
    /// <summary>The reference method was significantly better.</summary>
    Win,

    /// <summary>The difference is not significant.</summary>
    Tie,

    /// <summary>The reference method was significantly worse.</summary>
    Loss,
}

/// <summary>
/// Compares the reference method with another on one data set, on the same test rows and seeds. A method is called better only if two sources of chance are
/// ruled out: the choice of test rows (paired bootstrap of the rows, in which all seeds of a row are drawn together) and the randomness of training
/// (paired t-test over the seeds, with two or more seeds).
/// </summary>
public sealed record PairedComparison
{
    /// <summary>The significance level: a difference counts if its p-value is below this.</summary>
    public const double Level = 0.05;

    /// <summary>Gets the name of the data set.</summary>
    public required string DataSet { get; init; }

    /// <summary>Gets the name of the reference method.</summary>
    public required string Reference { get; init; }

    /// <summary>Gets the name of the other method.</summary>
    public required string Method { get; init; }

    /// <summary>Gets the number of seeds for which both methods have a test score.</summary>
    public required int Seeds { get; init; }

    /// <summary>Gets the mean score of the reference method over these seeds.</summary>
    public required double ReferenceMean { get; init; }

    /// <summary>Gets the mean score of the other method over these seeds.</summary>
    public required double MethodMean { get; init; }

    /// <summary>Gets the mean difference over the seeds, reference minus method, in the data set's metric.</summary>
    public required double Difference { get; init; }

    /// <summary>Gets the lower end of the 95% confidence interval of the difference (bootstrap over the test rows).</summary>
    public required double Low { get; init; }

    /// <summary>Gets the upper end of the 95% confidence interval of the difference.</summary>
    public required double High { get; init; }

    /// <summary>Gets the p-value with respect to the choice of test rows (bootstrap).</summary>
    public required double RowsPValue { get; init; }

    /// <summary>
    /// Gets the p-value with respect to the training rows and initial weights (paired t-test over the seeds); null with fewer than two seeds.
    /// </summary>
    public double? SeedsPValue { get; init; }

    /// <summary>Gets the larger of <see cref="RowsPValue"/> and <see cref="SeedsPValue"/>.</summary>
    public required double PValue { get; init; }

    /// <summary>Gets <see cref="PValue"/> corrected for the number of comparisons in this result (Holm).</summary>
    public required double AdjustedPValue { get; init; }

    /// <summary>Gets the number of rows that only the reference method predicted correctly, over all seeds.</summary>
    public required int OnlyReference { get; init; }

    /// <summary>Gets the number of rows that only the other method predicted correctly, over all seeds.</summary>
    public required int OnlyMethod { get; init; }

    /// <summary>
    /// Gets the p-value of McNemar's exact test on these two counts. Each row counts once per seed although its predictions are correlated, so this value is
    /// too small with several seeds. It does not affect the outcome.
    /// </summary>
    public required double McNemarPValue { get; init; }

    /// <summary>Gets the outcome: a win or a loss if <see cref="PValue"/> is below <see cref="Level"/>, otherwise a tie.</summary>
    [JsonIgnore]
    public PairedOutcome Outcome => PValue >= Level || Difference == 0 ? PairedOutcome.Tie : Difference > 0 ? PairedOutcome.Win : PairedOutcome.Loss;
}
