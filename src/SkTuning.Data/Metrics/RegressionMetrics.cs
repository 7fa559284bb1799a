namespace SkTuning.Metrics;

/// <summary>Metrics of predicted numbers.</summary>
public static class RegressionMetrics
{
    /// <summary>The mean of the squared errors.</summary>
    /// <exception cref="SkTuningException">No rows, unequal numbers of them, or a number that is not finite.</exception>
    public static double MeanSquaredError(IReadOnlyList<double> truth, IReadOnlyList<double> predicted)
    {
        Numbers("Mean squared error", truth, predicted);
        return truth.Zip(predicted, (t, p) => (t - p) * (t - p)).Average();
    }

    /// <summary>The mean of the errors without their sign.</summary>
    /// <exception cref="SkTuningException">As <see cref="MeanSquaredError"/>.</exception>
    public static double MeanAbsoluteError(IReadOnlyList<double> truth, IReadOnlyList<double> predicted)
    {
        Numbers("Mean absolute error", truth, predicted);
        return truth.Zip(predicted, (t, p) => Math.Abs(t - p)).Average();
    }

    /// <summary>
    /// The part of the variance that the prediction explains; below 0 where the mean would have been the better prediction. NaN for a single row; where the
    /// truth is constant 1 if the prediction is right and 0 if not, as in scikit-learn.
    /// </summary>
    /// <exception cref="SkTuningException">As <see cref="MeanSquaredError"/>.</exception>
    public static double RSquared(IReadOnlyList<double> truth, IReadOnlyList<double> predicted)
    {
        Numbers("R²", truth, predicted);
        if (truth.Count == 1) return double.NaN;
        var mean = truth.Average();
        var total = truth.Sum(t => (t - mean) * (t - mean));
        var left = truth.Zip(predicted, (t, p) => (t - p) * (t - p)).Sum();
        return total == 0 ? (left == 0 ? 1 : 0) : 1 - left / total;
    }

    /// <summary>Pearson's correlation; NaN where either side is constant.</summary>
    /// <exception cref="SkTuningException">As <see cref="MeanSquaredError"/>.</exception>
    public static double Pearson(IReadOnlyList<double> truth, IReadOnlyList<double> predicted)
    {
        Numbers("Pearson's correlation", truth, predicted);
        // A mean is rarely exact in binary: whether a side is constant is asked of its values, not of its spread.
        if (Constant(truth) || Constant(predicted)) return double.NaN;
        var (a, b) = (truth.Average(), predicted.Average());
        double both = 0, left = 0, right = 0;
        for (var i = 0; i < truth.Count; i++)
        {
            var (x, y) = (truth[i] - a, predicted[i] - b);
            (both, left, right) = (both + x * y, left + x * x, right + y * y);
        }
        return Math.Clamp(both / (Math.Sqrt(left) * Math.Sqrt(right)), -1, 1);
    }

    /// <summary>Spearman's correlation: Pearson's of the ranks, equal values sharing the mean of theirs; NaN where either side is constant.</summary>
    /// <exception cref="SkTuningException">As <see cref="MeanSquaredError"/>.</exception>
    public static double Spearman(IReadOnlyList<double> truth, IReadOnlyList<double> predicted)
    {
        Numbers("Spearman's correlation", truth, predicted);
        return Pearson(Ranks.Of(truth.ToArray()), Ranks.Of(predicted.ToArray()));
    }

    private static bool Constant(IReadOnlyList<double> values) => values.All(v => v == values[0]);

    private static void Numbers(string metric, IReadOnlyList<double> truth, IReadOnlyList<double> predicted)
    {
        Check.Rows(metric, truth.Count, predicted.Count);
        Check.Finite(metric, truth, "true value");
        Check.Finite(metric, predicted, "predicted value");
    }
}
