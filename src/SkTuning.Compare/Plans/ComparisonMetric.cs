using SkTuning.Metrics;

namespace SkTuning.Compare;

/// <summary>The metric of a data set. Higher is better for all of them.</summary>
public enum ComparisonMetric
{
    /// <summary>The fraction of rows that are predicted correctly, from 0 to 1. In a plan: <c>accuracy</c>.</summary>
    Accuracy,

    /// <summary>The unweighted mean of the F1 scores of all classes, from 0 to 1. In a plan: <c>macroF1</c>.</summary>
    MacroF1,

    /// <summary>The mean of the F1 scores of all classes, weighted by their number of rows, from 0 to 1. In a plan: <c>weightedF1</c>.</summary>
    WeightedF1,

    /// <summary>The Matthews correlation coefficient, from -1 to 1, which is the standard metric for CoLA. In a plan: <c>mcc</c>.</summary>
    Mcc,

    /// <summary>Cohen's kappa, at most 1. It is 0 if only a single class occurs. In a plan: <c>kappa</c>.</summary>
    Kappa,

    /// <summary>
    /// Cohen's kappa with quadratic weights, at most 1, for a data set with <see cref="PlanDataSet.Levels"/>: an error by two levels counts four times as
    /// much as one by one level. It is 0 if only a single level occurs. In a plan: <c>quadraticKappa</c>.
    /// </summary>
    QuadraticKappa,
}

internal static class Metrics
{
    public static double Of(this ComparisonMetric metric, ClassificationReport report) => metric switch
    {
        ComparisonMetric.Accuracy => report.Accuracy,
        ComparisonMetric.MacroF1 => report.Macro.F1,
        ComparisonMetric.WeightedF1 => report.Weighted.F1,
        ComparisonMetric.Mcc => report.MatthewsCorrelation,
        ComparisonMetric.QuadraticKappa => QuadraticKappa(report),
        ComparisonMetric.Kappa => double.IsNaN(report.CohenKappa) ? 0 : report.CohenKappa,
        _ => throw new ArgumentOutOfRangeException(nameof(metric)),
    };

    /// <summary>Computes the kappa from the confusion matrix, whose labels have the order of the levels.</summary>
    private static double QuadraticKappa(ClassificationReport report)
    {
        var levels = report.Labels.Count;
        var truth = new int[report.Rows];
        var predicted = new int[report.Rows];
        var at = 0;
        for (var t = 0; t < levels; t++)
        {
            for (var p = 0; p < levels; p++)
                for (var n = report.Confusion(t, p); n > 0; n--, at++) (truth[at], predicted[at]) = (t, p);
        }
        var kappa = OrdinalMetrics.QuadraticKappa(truth, predicted);
        return double.IsNaN(kappa) ? 0 : kappa;
    }

    /// <summary>Returns the name for table headers.</summary>
    public static string Title(this ComparisonMetric metric) => metric switch
    {
        ComparisonMetric.Accuracy => "accuracy",
        ComparisonMetric.MacroF1 => "macro F1",
        ComparisonMetric.WeightedF1 => "weighted F1",
        ComparisonMetric.Mcc => "MCC",
        ComparisonMetric.QuadraticKappa => "quadratic kappa",
        _ => "kappa",
    };
}
