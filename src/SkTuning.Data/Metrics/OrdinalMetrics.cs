namespace SkTuning.Metrics;

/// <summary>Metrics of predicted levels, given as indices from 0, the lowest level first.</summary>
internal static class OrdinalMetrics
{
    /// <summary>Returns the mean distance of the predicted level from the true one.</summary>
    /// <exception cref="SkTuningException">There are no rows, or the numbers of rows differ.</exception>
    public static double MeanAbsoluteError(IReadOnlyList<int> truth, IReadOnlyList<int> predicted)
        => Mean("Mean absolute error", truth, predicted, distance => Math.Abs(distance));

    /// <summary>Returns the fraction of rows whose predicted level is the true one or next to it.</summary>
    /// <exception cref="SkTuningException">There are no rows, or the numbers of rows differ.</exception>
    public static double OffByOneAccuracy(IReadOnlyList<int> truth, IReadOnlyList<int> predicted)
        => Mean("Off-by-one accuracy", truth, predicted, distance => Math.Abs(distance) <= 1 ? 1 : 0);

    /// <summary>
    /// Returns Cohen's kappa with quadratic weights (Cohen 1968): 1 minus the mean squared distance in levels, divided by that of the same levels in random
    /// order. NaN if all rows have the same level, which is also the predicted one.
    /// </summary>
    /// <exception cref="SkTuningException">There are no rows, or the numbers of rows differ.</exception>
    public static double QuadraticKappa(IReadOnlyList<int> truth, IReadOnlyList<int> predicted)
    {
        var squared = Mean("Quadratic kappa", truth, predicted, distance => (double)distance * distance);
        // The mean over all pairs of a true and a predicted level: the variances of both, and the squared distance of their means.
        var (a, b) = (truth.Average(), predicted.Average());
        var byChance = truth.Average(t => (t - a) * (t - a)) + predicted.Average(p => (p - b) * (p - b)) + (a - b) * (a - b);
        return byChance == 0 ? double.NaN : 1 - squared / byChance;
    }

    private static double Mean(string metric, IReadOnlyList<int> truth, IReadOnlyList<int> predicted, Func<int, double> of)
    {
        Check.Rows(metric, truth.Count, predicted.Count);
        var sum = 0.0;
        for (var i = 0; i < truth.Count; i++) sum += of(predicted[i] - truth[i]);
        return sum / truth.Count;
    }
}
