namespace SkTuning;

/// <summary>Precision, recall, and their harmonic mean, each 0 if its denominator is 0 (as in scikit-learn and seqeval).</summary>
/// <param name="Precision">The fraction of predicted items that are correct.</param>
/// <param name="Recall">The fraction of true items that were predicted.</param>
/// <param name="F1">The harmonic mean, 2·P·R / (P + R).</param>
public sealed record Scores(double Precision, double Recall, double F1)
{
    /// <summary>Computes the scores from the numbers of correct, predicted, and true items.</summary>
    internal static Scores Of(double right, double predicted, double actual)
        => new(Ratio(right, predicted), Ratio(right, actual), Ratio(2 * right, predicted + actual));

    internal static double Ratio(double part, double whole) => whole == 0 ? 0 : part / whole;

    /// <summary>Returns the weighted mean of each score.</summary>
    internal static Scores Mean(IReadOnlyList<Scores> scores, Func<int, double> weight)
    {
        double p = 0, r = 0, f = 0, total = 0;
        for (var i = 0; i < scores.Count; i++)
        {
            var w = weight(i);
            (p, r, f, total) = (p + w * scores[i].Precision, r + w * scores[i].Recall, f + w * scores[i].F1, total + w);
        }
        return new(Ratio(p, total), Ratio(r, total), Ratio(f, total));
    }
}
