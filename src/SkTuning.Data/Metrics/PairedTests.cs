namespace SkTuning.Metrics;

/// <summary>Tests whether one result is better than another on the same rows, or whether the difference is chance.</summary>
public static class PairedTests
{
    /// <summary>
    /// McNemar's test of two classifiers in its exact form: if neither is better, each row that only one of them predicts correctly is equally likely to be a
    /// success of either. Valid for any number of rows.
    /// </summary>
    /// <param name="truth">The true classes.</param>
    /// <param name="first">The predictions of the first classifier.</param>
    /// <param name="second">The predictions of the second classifier.</param>
    /// <exception cref="SkTuningException">There are no rows, or the numbers of rows differ.</exception>
    public static McNemarResult McNemar(IReadOnlyList<int> truth, IReadOnlyList<int> first, IReadOnlyList<int> second)
    {
        Check.Rows("McNemar's test", truth.Count, first.Count);
        Check.Rows("McNemar's test", truth.Count, second.Count);
        int onlyFirst = 0, onlySecond = 0;
        for (var i = 0; i < truth.Count; i++)
        {
            var (a, b) = (first[i] == truth[i], second[i] == truth[i]);
            if (a && !b) onlyFirst++;
            if (b && !a) onlySecond++;
        }
        var p = Math.Min(1, 2 * FairCoinTail(onlyFirst + onlySecond, Math.Min(onlyFirst, onlySecond)));
        return new(onlyFirst, onlySecond, p);
    }

    /// <summary>Tests the difference of any metric between two results on the same rows, by resampling the rows (with the same sample for both).</summary>
    /// <param name="rows">The number of rows that the metrics are computed on.</param>
    /// <param name="first">Computes the metric of the first result on the rows with the given indices (from 0, with repetitions).</param>
    /// <param name="second">Computes the metric of the second result.</param>
    /// <param name="confidence">The confidence level of the interval. The default is 0.95.</param>
    /// <param name="samples">The number of samples, at least 100. The default is 2,000.</param>
    /// <param name="seed">The seed of the samples.</param>
    /// <exception cref="SkTuningException">An argument is out of range.</exception>
    public static PairedDifference Bootstrap(int rows, Func<IReadOnlyList<int>, double> first, Func<IReadOnlyList<int>, double> second,
        double confidence = 0.95, int samples = 2000, ulong seed = 1)
    {
        var drawn = Metrics.Bootstrap.Draw(rows, r => first(r) - second(r), samples, seed);
        var all = Enumerable.Range(0, rows).ToArray();
        var interval = Metrics.Bootstrap.Interval(first(all) - second(all), drawn, confidence);
        // Twice the smaller fraction on one side of 0. The original rows count as one sample, so that p is never 0 (Davison and Hinkley 1997, 4.2).
        var (below, above) = (drawn.Count(d => d <= 0), drawn.Count(d => d >= 0));
        return new(interval, drawn.Length == 0 ? double.NaN : Math.Min(1, 2.0 * (Math.Min(below, above) + 1) / (drawn.Length + 1)));
    }

    /// <summary>
    /// The probability of at most <paramref name="heads"/> heads in <paramref name="tosses"/> tosses of a fair coin: the largest term of the binomial sum as a
    /// logarithm, times the sum of all terms relative to it. Exact up to rounding, also where the terms themselves would underflow.
    /// </summary>
    private static double FairCoinTail(int tosses, int heads)
    {
        double log = -tosses * Math.Log(2), sum = 1, ratio = 1;
        for (var k = 1; k <= heads; k++) log += Math.Log((double)(tosses - k + 1) / k);
        for (var k = heads; k > 0; k--) sum += ratio *= (double)k / (tosses - k + 1);
        return Math.Exp(log + Math.Log(sum));
    }
}
