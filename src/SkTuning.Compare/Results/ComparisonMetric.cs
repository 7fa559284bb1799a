namespace SkTuning.Compare;

/// <summary>What a data set is measured by; more is better in all of them.</summary>
public enum ComparisonMetric
{
    /// <summary>The part of the rows whose label was predicted, 0 to 1. In a plan: <c>accuracy</c>.</summary>
    Accuracy,

    /// <summary>The plain mean of the classes' F1, 0 to 1. In a plan: <c>macroF1</c>.</summary>
    MacroF1,

    /// <summary>The classes' F1 weighted by their rows, 0 to 1. In a plan: <c>weightedF1</c>.</summary>
    WeightedF1,

    /// <summary>Matthews' correlation, -1 to 1, as CoLA is measured. In a plan: <c>mcc</c>.</summary>
    Mcc,

    /// <summary>Cohen's kappa, at most 1; 0 where truth and prediction are all of one class. In a plan: <c>kappa</c>.</summary>
    Kappa,
}

internal static class Metrics
{
    public static double Of(this ComparisonMetric metric, ClassificationReport report) => metric switch
    {
        ComparisonMetric.Accuracy => report.Accuracy,
        ComparisonMetric.MacroF1 => report.Macro.F1,
        ComparisonMetric.WeightedF1 => report.Weighted.F1,
        ComparisonMetric.Mcc => report.MatthewsCorrelation,
        ComparisonMetric.Kappa => double.IsNaN(report.CohenKappa) ? 0 : report.CohenKappa,
        _ => throw new ArgumentOutOfRangeException(nameof(metric)),
    };

    /// <summary>As it stands in table heads.</summary>
    public static string Title(this ComparisonMetric metric) => metric switch
    {
        ComparisonMetric.Accuracy => "accuracy",
        ComparisonMetric.MacroF1 => "macro F1",
        ComparisonMetric.WeightedF1 => "weighted F1",
        ComparisonMetric.Mcc => "MCC",
        _ => "kappa",
    };
}
