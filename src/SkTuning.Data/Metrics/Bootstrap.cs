using SkTuning.Data;

namespace SkTuning.Metrics;

/// <summary>Confidence from resampling: the rows are drawn again with replacement, the metric computed on each drawing, and the middle part of the values taken (the percentile method of Efron, 1979).</summary>
public static class Bootstrap
{
    /// <summary>The confidence interval of any metric.</summary>
    /// <param name="rows">How many rows the metric is of.</param>
    /// <param name="metric">The metric on the rows of these numbers (from 0, with repeats). Drawings on which it is NaN are left out.</param>
    /// <param name="confidence">Above 0 and below 1. Default: 0.95.</param>
    /// <param name="samples">How many drawings, at least 100. Default: 2,000.</param>
    /// <param name="seed">Of the drawings: the same seed, the same interval.</param>
    /// <exception cref="SkTuningException">A number is out of range.</exception>
    public static ConfidenceInterval Interval(int rows, Func<IReadOnlyList<int>, double> metric, double confidence = 0.95, int samples = 2000, ulong seed = 1)
        => Interval(metric(Enumerable.Range(0, Rows(rows)).ToArray()), Draw(rows, metric, samples, seed), confidence);

    internal static double[] Draw(int rows, Func<IReadOnlyList<int>, double> metric, int samples, ulong seed)
    {
        if (samples < 100) throw new SkTuningException($"Bootstrap: {samples} samples, expected at least 100.");
        var random = new Shuffler(seed);
        var drawn = new int[Rows(rows)];
        var values = new List<double>(samples);
        for (var s = 0; s < samples; s++)
        {
            for (var i = 0; i < rows; i++) drawn[i] = random.Next(rows);
            var value = metric(drawn);
            if (!double.IsNaN(value)) values.Add(value);
        }
        values.Sort();
        return values.ToArray();
    }

    internal static ConfidenceInterval Interval(double value, double[] sorted, double confidence)
    {
        if (!(confidence > 0 && confidence < 1)) throw new SkTuningException(FormattableString.Invariant($"Bootstrap: the confidence is {confidence}, expected above 0 and below 1."));
        return new(value, Quantile(sorted, (1 - confidence) / 2), Quantile(sorted, (1 + confidence) / 2), confidence);
    }

    private static int Rows(int rows) => rows >= 1 ? rows : throw new SkTuningException($"Bootstrap: {rows} rows, expected at least 1.");

    /// <summary>Between two values in proportion.</summary>
    private static double Quantile(double[] sorted, double part)
    {
        if (sorted.Length == 0) return double.NaN;
        var at = part * (sorted.Length - 1);
        var (below, above) = (sorted[(int)at], sorted[Math.Min((int)at + 1, sorted.Length - 1)]);
        return below + (above - below) * (at - Math.Floor(at));
    }
}
