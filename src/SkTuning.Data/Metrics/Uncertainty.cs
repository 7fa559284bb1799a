namespace SkTuning.Metrics;

/// <summary>How uncertain probabilities are, from 0 (sure) to 1 (all labels are equally likely).</summary>
internal static class Uncertainty
{
    /// <summary>Returns 1 - (the highest probability - the second highest).</summary>
    public static double Margin(IReadOnlyList<double> probabilities)
    {
        var (first, second) = (0.0, 0.0);
        foreach (var p in probabilities)
        {
            if (p > first) (first, second) = (p, first);
            else if (p > second) second = p;
        }
        return 1 - (first - second);
    }

    /// <summary>Returns the entropy, divided by that of equal probabilities.</summary>
    public static double Entropy(IReadOnlyList<double> probabilities)
    {
        var sum = 0.0;
        foreach (var p in probabilities)
            if (p > 0) sum -= p * Math.Log(p);
        return probabilities.Count < 2 ? 0 : sum / Math.Log(probabilities.Count);
    }
}
