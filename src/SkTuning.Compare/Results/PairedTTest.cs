using MathNet.Numerics.Distributions;
using SkTuning.Metrics;

namespace SkTuning.Compare;

/// <summary>Student's paired t-test: whether one result is better than another over the same seeds or data sets, or whether the difference is chance.</summary>
internal static class PairedTTest
{
    /// <summary>Tests the mean difference of two results.</summary>
    /// <param name="first">The first result, one number per seed.</param>
    /// <param name="second">The second result, with the seeds in the same order.</param>
    /// <param name="confidence">The confidence level of the interval. The default is 0.95.</param>
    /// <returns>The difference. For a single seed, the bounds and p are NaN. If all differences are equal, p is 1 if they are 0 and 0 otherwise.</returns>
    /// <exception cref="SkTuningException">There are no numbers, their counts differ, or one is not finite.</exception>
    public static PairedDifference Of(IReadOnlyList<double> first, IReadOnlyList<double> second, double confidence = 0.95)
    {
        Check.Rows("Paired t-test", first.Count, second.Count);
        Check.Finite("Paired t-test", first, "first value");
        Check.Finite("Paired t-test", second, "second value");
        if (!(confidence > 0 && confidence < 1))
            throw new SkTuningException(FormattableString.Invariant($"Paired t-test: the confidence is {confidence}, expected above 0 and below 1."));
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
