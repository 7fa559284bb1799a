using SkTuning.Metrics;

namespace SkTuning;

/// <summary>All metrics of a predicted number at once.</summary>
/// <param name="Rows">Rows measured.</param>
/// <param name="Pearson">Linear correlation, -1 to 1.</param>
/// <param name="Spearman">Correlation of the ranks, -1 to 1.</param>
/// <param name="MeanSquaredError">In the square of the number's unit.</param>
/// <param name="MeanAbsoluteError">In the number's unit.</param>
/// <param name="RSquared">The part of the variance that is explained; below 0: worse than always telling the mean.</param>
public sealed record RegressionReport(int Rows, double Pearson, double Spearman, double MeanSquaredError, double MeanAbsoluteError, double RSquared) : IEvaluationReport
{
    /// <summary>All metrics.</summary>
    public static RegressionReport Of(IReadOnlyList<double> truth, IReadOnlyList<double> predicted) => new(truth.Count, RegressionMetrics.Pearson(truth, predicted),
        RegressionMetrics.Spearman(truth, predicted), RegressionMetrics.MeanSquaredError(truth, predicted), RegressionMetrics.MeanAbsoluteError(truth, predicted), RegressionMetrics.RSquared(truth, predicted));

    /// <summary>One line for people.</summary>
    public override string ToString() => FormattableString.Invariant($"{Rows} rows, Pearson {Pearson:F4}, Spearman {Spearman:F4}, mean squared error {MeanSquaredError:G5}, mean absolute error {MeanAbsoluteError:G5}, R2 {RSquared:F4}");

    /// <inheritdoc/>
    public System.Text.Json.Nodes.JsonObject ToJson() => [];
}
