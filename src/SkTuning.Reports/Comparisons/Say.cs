using System.Globalization;
using SkTuning.Compare;
using SkTuning.Reports.Formatting;

namespace SkTuning.Reports.Comparisons;

/// <summary>Formats the numbers and sentences of a comparison. Scores are shown times 100.</summary>
internal static class Say
{
    public static string Score(double score) => (100 * score).ToString("F1", CultureInfo.InvariantCulture);

    public static string Signed(double difference) => (100 * difference).ToString("+0.0;-0.0;0.0", CultureInfo.InvariantCulture);

    public static string P(double p) => p < 0.001 ? "p < 0.001" : $"p = {p.ToString("F3", CultureInfo.InvariantCulture)}";

    /// <summary>Formats mean ± standard deviation, and the number of seeds if some are missing.</summary>
    public static string Score(ComparisonSummary s, int seeds)
        => s.Mean is not { } mean
            ? (s.FailedTrials > 0 ? "failed" : Show.None)
            : $"{Score(mean)}{(s.Sd is { } sd ? $" ± {Score(sd)}" : "")}{(s.Seeds < seeds ? $" (n = {s.Seeds})" : "")}";

    public static string Metric(ComparisonMetric metric) => metric switch
    {
        ComparisonMetric.Accuracy => "accuracy",
        ComparisonMetric.MacroF1 => "macro F1",
        ComparisonMetric.WeightedF1 => "weighted F1",
        ComparisonMetric.Mcc => "MCC",
        ComparisonMetric.QuadraticKappa => "quadratic kappa",
        _ => "kappa",
    };

    public static string Word(PairedOutcome outcome) => outcome switch { PairedOutcome.Win => "win", PairedOutcome.Tie => "tie", _ => "loss" };

    /// <summary>Describes a comparison in a sentence.</summary>
    public static string Sentence(PairedComparison c)
    {
        var verdict = c.Outcome switch
        {
            PairedOutcome.Win => $"{c.Reference} is better than {c.Method}",
            PairedOutcome.Loss => $"{c.Reference} is worse than {c.Method}",
            _ => $"{c.Reference} is neither significantly better nor worse than {c.Method}",
        };
        return $"On {c.DataSet}, {verdict}: {Score(c.ReferenceMean)} vs. {Score(c.MethodMean)}, difference {Signed(c.Difference)}, " +
            $"95% confidence interval {Signed(c.Low)} to {Signed(c.High)}, {P(c.PValue)}.";
    }
}
