using System.Text.Json.Nodes;
using SkTuning.Metrics;

namespace SkTuning;

/// <summary>All metrics of predicted levels.</summary>
/// <param name="Rows">The number of rows.</param>
/// <param name="MeanAbsoluteError">The mean distance of the predicted level from the true one, in levels.</param>
/// <param name="QuadraticKappa">Cohen's kappa with quadratic weights, at most 1; NaN if all rows have and get the same level.</param>
/// <param name="Spearman">The correlation of the ranks of true and expected levels, from -1 to 1; NaN if either side is constant.</param>
/// <param name="OffByOneAccuracy">The fraction of rows whose predicted level is the true one or next to it.</param>
/// <param name="Accuracy">The fraction of rows whose predicted level is the true one.</param>
public sealed record OrdinalReport(
    int Rows, double MeanAbsoluteError, double QuadraticKappa, double Spearman, double OffByOneAccuracy, double Accuracy) : IEvaluationReport
{
    /// <summary>Computes all metrics.</summary>
    /// <param name="truth">The true levels, from 0.</param>
    /// <param name="predicted">The predicted levels, from 0.</param>
    /// <param name="expected">The expected levels: the mean of a row's levels, weighted by their probabilities.</param>
    /// <exception cref="SkTuningException">There are no rows, the numbers of rows differ, or an expected level is not finite.</exception>
    public static OrdinalReport Of(IReadOnlyList<int> truth, IReadOnlyList<int> predicted, IReadOnlyList<double> expected) => new(
        truth.Count,
        OrdinalMetrics.MeanAbsoluteError(truth, predicted),
        OrdinalMetrics.QuadraticKappa(truth, predicted),
        RegressionMetrics.Spearman([.. truth.Select(t => (double)t)], expected),
        OrdinalMetrics.OffByOneAccuracy(truth, predicted),
        ClassificationMetrics.Accuracy(truth, predicted));

    /// <summary>Gets the accuracy with its 95 % confidence interval by Wilson's method: the range in which other rows of the same kind would put it.</summary>
    public ConfidenceInterval AccuracyInterval => ReportIntervals.Wilson(Accuracy, Rows);

    /// <inheritdoc/>
    public JsonObject ToJson() => new()
    {
        ["rows"] = Rows,
        ["meanAbsoluteError"] = ReportJson.Number(MeanAbsoluteError),
        ["quadraticKappa"] = ReportJson.Number(QuadraticKappa),
        ["spearman"] = ReportJson.Number(Spearman),
        ["offByOneAccuracy"] = ReportJson.Number(OffByOneAccuracy),
        ["accuracy"] = ReportJson.Number(Accuracy),
        ["accuracyInterval"] = ReportIntervals.Json(AccuracyInterval, "wilson"),
    };

    /// <summary>Returns all metrics on one line.</summary>
    public override string ToString() => FormattableString.Invariant($"{Rows} rows, mean absolute error {MeanAbsoluteError:F4} levels, ")
        + FormattableString.Invariant($"quadratic kappa {QuadraticKappa:F4}, Spearman {Spearman:F4}, off-by-one accuracy {OffByOneAccuracy:F4}, ")
        + FormattableString.Invariant($"accuracy {Accuracy:F4} (95 % interval {AccuracyInterval.Low:F4} to {AccuracyInterval.High:F4}, Wilson)");
}
