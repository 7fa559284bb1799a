namespace SkTuning.Compare;

/// <summary>Computes means and standard deviations over the seeds.</summary>
internal static class Summaries
{
    public static ComparisonSummary Of(ComparedDataSet data, string method, IReadOnlyList<ComparisonTrial> allTrials, IReadOnlyList<ComparisonScore> allScores)
    {
        var trials = allTrials.Where(t => t.DataSet == data.Name && t.Method == method).ToList();
        var scores = allScores.Where(s => s.DataSet == data.Name && s.Method == method).ToList();
        var chosen = trials.Where(t => scores.Any(s => s.Trial == t.Key && s.Seed == t.Seed)).ToList();
        var good = trials.Where(t => t.Error is null).ToList();
        var stepping = good.Where(t => t.SecondsPerStep is not null).ToList();
        double[] values = [.. scores.Select(s => s.Score)];
        return new()
        {
            DataSet = data.Name,
            Method = method,
            Metric = data.Metric,
            Seeds = values.Length,
            FailedTrials = trials.Count(t => t.Error is not null),
            Failure = trials.FirstOrDefault(t => t.Error is not null)?.Error,
            Mean = values.Length > 0 ? values.Average() : null,
            Sd = Deviation(values),
            DevMean = scores.Average(s => s.DevScore),
            Scores = values,
            Rates = [.. scores.Where(s => s.Rate is not null).Select(s => s.Rate!.Value)],
            Parameters = Mean(chosen, t => t.Parameters),
            AdapterBytes = Mean(chosen, t => t.AdapterBytes),
            TrainRows = (int)Mean(chosen, t => t.TrainRows),
            SecondsPerStep = stepping.Count > 0 ? stepping.Average(t => t.SecondsPerStep!.Value) : null,
            SecondsPerTrial = good.Count > 0 ? good.Average(t => t.Seconds) : 0,
            Passes = scores.Average(s => s.Passes),
        };
    }

    /// <summary>Returns the sample standard deviation (n - 1); null for fewer than two values.</summary>
    public static double? Deviation(IReadOnlyList<double> values)
    {
        if (values.Count < 2) return null;
        var mean = values.Average();
        return Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Count - 1));
    }

    private static long Mean(IReadOnlyList<ComparisonTrial> trials, Func<ComparisonTrial, long> value)
        => trials.Count > 0 ? (long)Math.Round(trials.Average(value)) : 0;
}
