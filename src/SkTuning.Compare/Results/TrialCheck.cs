namespace SkTuning.Compare;

/// <summary>Finds values in a stored trial that no trial can have.</summary>
internal static class TrialCheck
{
    /// <summary>More than anything takes, and few enough that a sum does not overflow.</summary>
    private const double MaxSeconds = 1e9;

    private const string Time = "0 to 1000000000";

    /// <summary>A score that is computed can be above its maximum by a rounding error.</summary>
    private const double Rounding = 1e-9;

    /// <summary>Returns the first key with a value that is not possible, with the value and what is possible; null if there is none.</summary>
    public static (string Key, string Found, string Expected)? Fault(ComparisonTrial trial)
    {
        // The generated reader leaves null for a key that is missing and not required.
        if (trial.Epochs is null) return ("epochs", "missing", "a list of epochs");
        foreach (var (i, epoch) in trial.Epochs.Index())
        {
            if (epoch is null) return ($"epochs[{i}]", "null", "an epoch");
            if (epoch.Epoch < 0) return ($"epochs[{i}].epoch", Shown(epoch.Epoch), "0 or more");
            if (!IsScoreOrNaN(epoch.DevAccuracy)) return ($"epochs[{i}].devAccuracy", Shown(epoch.DevAccuracy), "-1 to 1");
        }
        if (trial.Error is null && trial.DevScore is { } score && !IsScore(score)) return ("devScore", Shown(score), "-1 to 1");
        if (trial.Rate is { } rate && !IsRate(rate)) return ("rate", Shown(rate), "a number above 0");
        if (!IsTime(trial.Seconds)) return ("seconds", Shown(trial.Seconds), Time);
        if (trial.SecondsPerStep is { } step && !IsTime(step)) return ("secondsPerStep", Shown(step), Time);
        (string Key, long Value)[] counts =
        [
            ("bestEpoch", trial.BestEpoch ?? 0), ("parameters", trial.Parameters), ("adapterBytes", trial.AdapterBytes), ("steps", trial.Steps),
            ("trainRows", trial.TrainRows), ("devRows", trial.DevRows), ("truncatedRows", trial.TruncatedRows),
        ];
        return counts.Where(c => c.Value < 0).Select(c => ((string, string, string)?)(c.Key, Shown(c.Value), "0 or more")).FirstOrDefault();
    }

    /// <summary>True for a number of sequences for each row.</summary>
    public static bool IsPasses(double passes) => passes is >= 0 and <= 1e9;

    /// <summary>True for a time in seconds.</summary>
    public static bool IsTime(double seconds) => seconds is >= 0 and <= MaxSeconds;

    /// <summary>True for a learning rate.</summary>
    public static bool IsRate(double rate) => rate is > 0 and < double.PositiveInfinity;

    /// <summary>True for a score of any metric.</summary>
    public static bool IsScore(double score) => IsBetween(score, -1, 1);

    public static bool IsBetween(double value, double min, double max) => value >= min - Rounding && value <= max + Rounding;

    private static bool IsScoreOrNaN(double score) => double.IsNaN(score) || IsScore(score);

    private static string Shown<T>(T value) => FormattableString.Invariant($"{value}");
}
