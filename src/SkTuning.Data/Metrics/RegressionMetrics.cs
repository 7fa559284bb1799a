namespace SkTuning.Metrics;

/// <summary>Metrics of predicted numbers.</summary>
public static class RegressionMetrics
{
    /// <summary>Returns the mean of the squared errors.</summary>
    /// <exception cref="SkTuningException">There are no rows, the numbers of rows differ, or a number is not finite.</exception>
    public static double MeanSquaredError(IReadOnlyList<double> truth, IReadOnlyList<double> predicted)
    {
        Numbers("Mean squared error", truth, predicted);
        return truth.Zip(predicted, (t, p) => (t - p) * (t - p)).Average();
    }

    /// <summary>Returns the mean of the absolute errors.</summary>
    /// <exception cref="SkTuningException">See <see cref="MeanSquaredError"/>.</exception>
    public static double MeanAbsoluteError(IReadOnlyList<double> truth, IReadOnlyList<double> predicted)
    {
        Numbers("Mean absolute error", truth, predicted);
        return truth.Zip(predicted, (t, p) => Math.Abs(t - p)).Average();
    }

    /// <summary>
    /// Returns the fraction of the variance that the prediction explains; negative if always predicting the mean would be better. NaN for a single row. If all
    /// true values are equal, it is 1 if the prediction is exact and 0 otherwise, as in scikit-learn.
    /// </summary>
    /// <exception cref="SkTuningException">See <see cref="MeanSquaredError"/>.</exception>
    public static double RSquared(IReadOnlyList<double> truth, IReadOnlyList<double> predicted)
    {
        Numbers("R²", truth, predicted);
        if (truth.Count == 1) return double.NaN;
        var scale = Scale(truth.Concat(predicted));
        (truth, predicted) = (Scaled(truth, scale), Scaled(predicted, scale));
        var mean = truth.Average();
        var total = truth.Sum(t => (t - mean) * (t - mean));
        var residual = truth.Zip(predicted, (t, p) => (t - p) * (t - p)).Sum();
        return total == 0 ? (residual == 0 ? 1 : 0) : 1 - residual / total;
    }

    /// <summary>Returns Pearson's correlation; NaN if either side is constant.</summary>
    /// <exception cref="SkTuningException">See <see cref="MeanSquaredError"/>.</exception>
    public static double Pearson(IReadOnlyList<double> truth, IReadOnlyList<double> predicted)
    {
        Numbers("Pearson's correlation", truth, predicted);
        // A mean is rarely exact in binary: compare the values to find out whether a side is constant, not their variance.
        if (Constant(truth) || Constant(predicted)) return double.NaN;
        (truth, predicted) = (Scaled(truth, Scale(truth)), Scaled(predicted, Scale(predicted)));
        var (a, b) = (truth.Average(), predicted.Average());
        double both = 0, left = 0, right = 0;
        for (var i = 0; i < truth.Count; i++)
        {
            var (x, y) = (truth[i] - a, predicted[i] - b);
            (both, left, right) = (both + x * y, left + x * x, right + y * y);
        }
        return Math.Clamp(both / (Math.Sqrt(left) * Math.Sqrt(right)), -1, 1);
    }

    /// <summary>
    /// Returns Spearman's correlation: Pearson's correlation of the ranks, where equal values get the mean of their ranks; NaN if either side is constant.
    /// </summary>
    /// <exception cref="SkTuningException">See <see cref="MeanSquaredError"/>.</exception>
    public static double Spearman(IReadOnlyList<double> truth, IReadOnlyList<double> predicted)
    {
        Numbers("Spearman's correlation", truth, predicted);
        return Pearson(Ranks.Of(truth.ToArray()), Ranks.Of(predicted.ToArray()));
    }

    /// <summary>The power of two that brings numbers near 1, if their squares could overflow or vanish; 0 for all others.</summary>
    private static int Scale(IEnumerable<double> values)
        => values.Max(Math.Abs) is var max && max is 0 or (> 1e-100 and < 1e100) ? 0 : -Math.ILogB(max);

    private static IReadOnlyList<double> Scaled(IReadOnlyList<double> values, int power)
        => power == 0 ? values : [.. values.Select(v => Math.ScaleB(v, power))];

    private static bool Constant(IReadOnlyList<double> values) => values.All(v => v == values[0]);

    private static void Numbers(string metric, IReadOnlyList<double> truth, IReadOnlyList<double> predicted)
    {
        Check.Rows(metric, truth.Count, predicted.Count);
        Check.Finite(metric, truth, "true value");
        Check.Finite(metric, predicted, "predicted value");
    }
}
