namespace SkTuning.Training;

/// <summary>What is searched for, in words.</summary>
/// <param name="One">Its name.</param>
/// <param name="Many">The name of several.</param>
/// <param name="Show">Returns a text that shows a candidate beside the written one.</param>
internal sealed record SearchKind<T>(string One, string Many, Func<T, T, string> Show)
{
    /// <summary>Returns the report of a search.</summary>
    /// <param name="tried">The candidates and the margin of each row, the written one first.</param>
    public TextSearchReport<T> Report(IReadOnlyList<(T Candidate, double[] Margins)> tried)
    {
        TextTrial<T>[] trials = [.. tried.Select(t => new TextTrial<T>(t.Candidate, t.Margins.Average(),
            t.Margins.Count(m => m > 0) / (double)t.Margins.Length))];
        var best = Enumerable.Range(0, trials.Length).MaxBy(i => trials[i].Margin);
        return new()
        {
            Written = trials[0],
            Best = trials[best],
            IsBetter = MarginTest.IsMoreThanChance(tried[best].Margins, tried[0].Margins, tried.Count - 1),
            Trials = trials,
            Rows = tried[0].Margins.Length,
            Kind = this,
        };
    }
}

/// <summary>Compares the margins of the best of several candidates with those of the written one.</summary>
internal static class MarginTest
{
    /// <summary>
    /// True if the mean of the first margins is higher by more than √(2 ln n) standard errors of the difference, about the largest of n differences that are
    /// chance alone.
    /// </summary>
    public static bool IsMoreThanChance(double[] first, double[] second, int candidates)
    {
        double[] differences = [.. first.Zip(second, (a, b) => a - b)];
        var mean = differences.Average();
        var error = Math.Sqrt(differences.Sum(d => (d - mean) * (d - mean)) / Math.Max(1, differences.Length - 1) / differences.Length);
        return mean > Math.Sqrt(2 * Math.Log(Math.Max(2, candidates))) * error && mean > 0;
    }
}
