namespace SkTuning.Metrics;

/// <summary>
/// How well a score separates rows of the labels from others. The score is higher for rows that are out of scope. Lists need not be sorted.
/// </summary>
internal static class OutOfScopeMetrics
{
    /// <summary>The fraction of the rows in scope that are kept where the rate of wrongly kept ones is measured.</summary>
    public const double Kept = 0.95;

    private const string Name = "Out of scope";

    /// <summary>Returns the probability that a row out of scope has a higher score than one in scope; equal scores count half.</summary>
    public static double Auroc(IReadOnlyList<double> inScope, IReadOnlyList<double> outOfScope)
    {
        Require(inScope, outOfScope);
        double m = inScope.Count, n = outOfScope.Count;
        var ranks = Ranks.Of([.. outOfScope, .. inScope]);
        return (ranks.Take(outOfScope.Count).Sum() - n * (n + 1) / 2) / (m * n);
    }

    /// <summary>
    /// Returns the fraction of the rows out of scope that are kept where at least a fraction of the rows in scope is (FPR at 95 % TPR by default).
    /// </summary>
    public static double FalsePositiveRate(IReadOnlyList<double> inScope, IReadOnlyList<double> outOfScope, double kept = Kept)
    {
        Require(inScope, outOfScope);
        var threshold = Threshold(inScope, 1 - kept);
        return outOfScope.Count(s => s <= threshold) / (double)outOfScope.Count;
    }

    /// <summary>
    /// Returns the lowest score of a row such that at most a fraction of the rows has a higher one: with this threshold, they are rejected.
    /// </summary>
    public static double Threshold(IReadOnlyList<double> inScope, double rejected)
    {
        Require(inScope, inScope);
        // The product of 0.05 and 20 rows must be 1, not a little more.
        const double Rounding = 1e-9;
        var sorted = inScope.Order().ToArray();
        var above = (int)Math.Floor(rejected * sorted.Length + Rounding);
        return sorted[Math.Max(0, sorted.Length - 1 - above)];
    }

    /// <summary>
    /// Returns the threshold with the highest mean of two fractions: the rows in scope that are kept, and the rows out of scope that are rejected. It is
    /// halfway between two scores.
    /// </summary>
    public static double BestThreshold(IReadOnlyList<double> inScope, IReadOnlyList<double> outOfScope)
    {
        Require(inScope, outOfScope);
        var all = inScope.Select(s => (Score: s, Gain: 1.0 / inScope.Count)).Concat(outOfScope.Select(s => (Score: s, Gain: -1.0 / outOfScope.Count)))
            .GroupBy(s => s.Score, s => s.Gain).OrderBy(g => g.Key).Select(g => (Score: g.Key, Gain: g.Sum())).ToArray();
        // Below the first score, everything is rejected: the mean is 1/2, as above the last.
        var (sum, best, at) = (0.0, double.NegativeInfinity, all.Length - 1);
        for (var i = 0; i < all.Length; i++)
        {
            sum += all[i].Gain;
            if (sum > best) (best, at) = (sum, i);
        }
        return at + 1 < all.Length ? all[at].Score + (all[at + 1].Score - all[at].Score) / 2 : all[at].Score;
    }

    private static void Require(IReadOnlyList<double> inScope, IReadOnlyList<double> outOfScope)
    {
        if (inScope.Count == 0 || outOfScope.Count == 0) throw new SkTuningException($"{Name}: no rows, expected at least 1 in scope and 1 out of scope.");
        Check.Finite(Name, inScope, "score");
        Check.Finite(Name, outOfScope, "score");
    }
}
