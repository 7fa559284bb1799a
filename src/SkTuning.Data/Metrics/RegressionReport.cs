using System.Text.Json.Nodes;
using SkTuning.Metrics;

namespace SkTuning;

/// <summary>All metrics of a predicted number.</summary>
/// <param name="Rows">The number of rows.</param>
/// <param name="Pearson">The linear correlation, from -1 to 1; NaN if either side is constant.</param>
/// <param name="Spearman">The correlation of the ranks, from -1 to 1; NaN if either side is constant.</param>
/// <param name="MeanSquaredError">The mean squared error, in the square of the number's unit.</param>
/// <param name="MeanAbsoluteError">The mean absolute error, in the number's unit.</param>
/// <param name="RSquared">The fraction of the variance that is explained; negative if always predicting the mean would be better.</param>
public sealed record RegressionReport(
    int Rows, double Pearson, double Spearman, double MeanSquaredError, double MeanAbsoluteError, double RSquared) : IEvaluationReport
{
    /// <summary>Computes all metrics.</summary>
    /// <param name="truth">The true numbers.</param>
    /// <param name="predicted">The predicted numbers.</param>
    /// <exception cref="SkTuningException">There are no rows, the numbers of rows differ, or a number is not finite.</exception>
    public static RegressionReport Of(IReadOnlyList<double> truth, IReadOnlyList<double> predicted) => new(
        truth.Count,
        RegressionMetrics.Pearson(truth, predicted),
        RegressionMetrics.Spearman(truth, predicted),
        RegressionMetrics.MeanSquaredError(truth, predicted),
        RegressionMetrics.MeanAbsoluteError(truth, predicted),
        RegressionMetrics.RSquared(truth, predicted));

    /// <inheritdoc/>
    public JsonObject ToJson() => new()
    {
        ["rows"] = Rows,
        ["pearson"] = ReportJson.Number(Pearson),
        ["spearman"] = ReportJson.Number(Spearman),
        ["meanSquaredError"] = ReportJson.Number(MeanSquaredError),
        ["meanAbsoluteError"] = ReportJson.Number(MeanAbsoluteError),
        ["rSquared"] = ReportJson.Number(RSquared),
    };

    /// <summary>Returns all metrics on one line.</summary>
    public override string ToString() => FormattableString.Invariant($"{Rows} rows, Pearson {Pearson:F4}, Spearman {Spearman:F4}, ")
        + FormattableString.Invariant($"mean squared error {MeanSquaredError:G5}, mean absolute error {MeanAbsoluteError:G5}, R2 {RSquared:F4}");
}
