using MathNet.Numerics.Distributions;

namespace SkTuning.Metrics;

/// <summary>Is one result better than another on the same rows, or seeds, or is it chance?</summary>
public static class PairedTests
{
    /// <summary>
    /// McNemar's test of two classifiers in its exact form: among the rows that only one of them has right, each is as likely to be that one if neither is
    /// better. Valid for any number of rows.
    /// </summary>
    /// <param name="truth">The true classes.</param>
    /// <param name="first">What the first predicts.</param>
    /// <param name="second">What the second predicts.</param>
    /// <exception cref="SkTuningException">No rows, or unequal numbers of them.</exception>
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
        var differ = onlyFirst + onlySecond;
        return new(onlyFirst, onlySecond, differ == 0 ? 1 : Math.Min(1, 2 * Binomial.CDF(0.5, differ, Math.Min(onlyFirst, onlySecond))));
    }

    /// <summary>The difference of any metric between two results on the same rows, by drawing the rows again (both from the same drawing).</summary>
    /// <param name="rows">How many rows the metrics are of.</param>
    /// <param name="first">The first result's metric on the rows of these numbers (from 0, with repeats).</param>
    /// <param name="second">The second's.</param>
    /// <param name="confidence">Of the interval. Default: 0.95.</param>
    /// <param name="samples">How many drawings, at least 100. Default: 2,000.</param>
    /// <param name="seed">Of the drawings.</param>
    /// <exception cref="SkTuningException">A number is out of range.</exception>
    public static PairedDifference Bootstrap(int rows, Func<IReadOnlyList<int>, double> first, Func<IReadOnlyList<int>, double> second,
        double confidence = 0.95, int samples = 2000, ulong seed = 1)
    {
        var drawn = Metrics.Bootstrap.Draw(rows, r => first(r) - second(r), samples, seed);
        var all = Enumerable.Range(0, rows).ToArray();
        var interval = Metrics.Bootstrap.Interval(first(all) - second(all), drawn, confidence);
        // Twice the smaller part on one side of 0; the rows as they are count as one drawing, so that no p is 0 (Davison and Hinkley 1997, 4.2).
        var (below, above) = (drawn.Count(d => d <= 0), drawn.Count(d => d >= 0));
        return new(interval, drawn.Length == 0 ? double.NaN : Math.Min(1, 2.0 * (Math.Min(below, above) + 1) / (drawn.Length + 1)));
    }

    /// <summary>Student's paired t-test of two results over the same seeds (or data sets), for their mean difference.</summary>
    /// <param name="first">The first result, one number a seed.</param>
    /// <param name="second">The second result, seeds in the same order.</param>
    /// <param name="confidence">Of the interval. Default: 0.95.</param>
    /// <returns>For a single seed, NaN bounds and p; where all differences are equal, p is 1 if they are 0 and 0 if not.</returns>
    /// <exception cref="SkTuningException">No numbers, unequal numbers of them, or one that is not finite.</exception>
    public static PairedDifference Student(IReadOnlyList<double> first, IReadOnlyList<double> second, double confidence = 0.95)
    {
        Check.Rows("Paired t-test", first.Count, second.Count);
        Check.Finite("Paired t-test", first, "first value");
        Check.Finite("Paired t-test", second, "second value");
        if (!(confidence > 0 && confidence < 1)) throw new SkTuningException(FormattableString.Invariant($"Paired t-test: the confidence is {confidence}, expected above 0 and below 1."));
        var n = first.Count;
        var differences = first.Zip(second, (a, b) => a - b).ToArray();
        var mean = differences.Average();
        if (n == 1) return new(new(mean, double.NaN, double.NaN, confidence), double.NaN);
        var error = Math.Sqrt(differences.Sum(d => (d - mean) * (d - mean)) / (n - 1) / n);
        var reach = StudentT.InvCDF(0, 1, n - 1, (1 + confidence) / 2) * error;
        var p = error == 0 ? (mean == 0 ? 1 : 0) : 2 * StudentT.CDF(0, 1, n - 1, -Math.Abs(mean / error));
        return new(new(mean, mean - reach, mean + reach, confidence), p);
    }
}
