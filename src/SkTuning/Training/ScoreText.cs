using SkTuning.Metrics;

namespace SkTuning.Training;

/// <summary>Formats scores for sentences: in points (hundredths) where more is better, since those metrics have the maximum 1; otherwise as they are.</summary>
internal static class ScoreText
{
    public static string Of(double score, bool lowerIsBetter)
        => lowerIsBetter ? FormattableString.Invariant($"{score:0.####}") : FormattableString.Invariant($"{100 * score:0.0}");

    /// <summary>Returns the size of a difference, with its unit.</summary>
    public static string Size(double difference, bool lowerIsBetter) => Of(Math.Abs(difference), lowerIsBetter) + (lowerIsBetter ? "" : " points");

    /// <summary>Returns the interval of a difference.</summary>
    public static string Interval(ConfidenceInterval difference, bool lowerIsBetter)
        => FormattableString.Invariant($"{100 * difference.Confidence:0.#} % interval of the difference ")
            + $"{Of(difference.Low, lowerIsBetter)} to {Of(difference.High, lowerIsBetter)}";
}
