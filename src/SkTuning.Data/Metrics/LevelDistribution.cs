namespace SkTuning.Metrics;

/// <summary>
/// Arithmetic of the probabilities of ordered levels. The cumulative logit of a level is log(P(y ≤ k) / P(y > k)): it rises with k, and a cumulative-link model
/// (McCullagh 1980) gives <c>cut_k - score</c>. All distributions have cumulative logits, whatever head they come from.
/// </summary>
internal static class LevelDistribution
{
    /// <summary>The smallest distance of two cumulative logits: below, the probability of the level between them has no logarithm.</summary>
    private const double MinGap = 1e-13;

    private const double Lowest = 0.1, Highest = 10;

    /// <summary>Returns the median: the lowest level that has half of the probability at or below it. No other level has a lower mean absolute error.</summary>
    /// <param name="probabilities">The probability of each level.</param>
    public static int Median(IReadOnlyList<double> probabilities)
    {
        var (sum, half) = (0.0, probabilities.Sum() / 2);
        for (var k = 0; k < probabilities.Count; k++)
            if ((sum += probabilities[k]) >= half) return k;
        return probabilities.Count - 1;
    }

    /// <summary>Returns the mean of the levels, counted from 0, weighted by their probabilities.</summary>
    public static double Mean(IReadOnlyList<double> probabilities)
    {
        var (mean, sum) = (0.0, 0.0);
        for (var k = 0; k < probabilities.Count; k++) (mean, sum) = (mean + k * probabilities[k], sum + probabilities[k]);
        return mean / sum;
    }

    /// <summary>Returns the cumulative logits of all levels but the highest.</summary>
    /// <param name="scores">The logarithms of the levels' probabilities, up to a constant.</param>
    public static double[] CumulativeLogits(IReadOnlyList<double> scores)
    {
        var (below, above) = (new double[scores.Count - 1], new double[scores.Count - 1]);
        for (var k = 0; k < below.Length; k++) below[k] = k == 0 ? scores[0] : LogSum(below[k - 1], scores[k]);
        for (var k = above.Length - 1; k >= 0; k--) above[k] = k == above.Length - 1 ? scores[^1] : LogSum(above[k + 1], scores[k + 1]);
        return [.. below.Zip(above, (b, a) => b - a)];
    }

    /// <summary>Returns the logarithm of each level's probability: that of the difference of two logistic functions.</summary>
    /// <param name="cumulativeLogits">The cumulative logits, in ascending order.</param>
    public static double[] LogProbabilities(IReadOnlyList<double> cumulativeLogits)
    {
        var result = new double[cumulativeLogits.Count + 1];
        for (var k = 0; k < cumulativeLogits.Count; k++)
        {
            // σ(a) - σ(b) = σ(a) σ(-b) (1 - exp(b - a)) loses no digits.
            result[k] += LogSigmoid(cumulativeLogits[k]);
            result[k + 1] += LogSigmoid(-cumulativeLogits[k]);
            if (k > 0) result[k] += Math.Log(-Expm1(-Math.Max(MinGap, cumulativeLogits[k] - cumulativeLogits[k - 1])));
        }
        return result;
    }

    /// <summary>
    /// Returns the probabilities with all cumulative logits divided by a temperature. The median does not change, except for a rounding error: half stays half.
    /// </summary>
    /// <param name="scores">The logarithms of the levels' probabilities, up to a constant.</param>
    /// <param name="temperature">The temperature.</param>
    public static double[] AtTemperature(IReadOnlyList<double> scores, double temperature)
        => [.. LogProbabilities([.. CumulativeLogits(scores).Select(l => l / temperature)]).Select(Math.Exp)];

    /// <summary>Returns the temperature, from 0.1 to 10, at which the levels of rows are most likely. The loss has one minimum.</summary>
    /// <param name="truth">The levels of the rows, from 0.</param>
    /// <param name="scores">For each row, the logarithms of the levels' probabilities, up to a constant.</param>
    public static double FitTemperature(IReadOnlyList<int> truth, IReadOnlyList<double[]> scores)
    {
        const int Steps = 60;
        var logits = scores.Select(s => CumulativeLogits(s)).ToList();
        // The golden section of the logarithm of the temperature.
        var (low, high, ratio) = (Math.Log(Lowest), Math.Log(Highest), (Math.Sqrt(5) - 1) / 2);
        var (left, right) = (high - ratio * (high - low), low + ratio * (high - low));
        var (atLeft, atRight) = (Loss(left), Loss(right));
        for (var i = 0; i < Steps; i++)
        {
            if (atLeft <= atRight)
            {
                (high, right, atRight) = (right, left, atLeft);
                atLeft = Loss(left = high - ratio * (high - low));
            }
            else
            {
                (low, left, atLeft) = (left, right, atRight);
                atRight = Loss(right = low + ratio * (high - low));
            }
        }
        return Math.Exp((low + high) / 2);

        double Loss(double logTemperature)
        {
            var (sum, factor) = (0.0, Math.Exp(-logTemperature));
            for (var i = 0; i < logits.Count; i++) sum -= LogProbabilities([.. logits[i].Select(l => l * factor)])[truth[i]];
            return sum;
        }
    }

    private static double LogSigmoid(double x) => Math.Min(0, x) - Log1p(Math.Exp(-Math.Abs(x)));

    private static double LogSum(double a, double b) => Math.Max(a, b) + Log1p(Math.Exp(-Math.Abs(a - b)));

    /// <summary>exp(x) - 1 without a loss of digits near 0.</summary>
    private static double Expm1(double x) => Math.Abs(x) < 1e-5 ? x + x * x / 2 : Math.Exp(x) - 1;

    /// <summary>log(1 + x) without a loss of digits near 0 (Kahan).</summary>
    private static double Log1p(double x) => 1 + x is var sum && sum == 1 ? x : Math.Log(sum) * (x / (sum - 1));
}
