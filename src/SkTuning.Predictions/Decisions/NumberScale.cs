using System.Text.Json.Nodes;

namespace SkTuning.Decisions;

/// <summary>The scale of a regression: scores are deviations from the mean of the training rows.</summary>
/// <param name="Mean">The mean of the numbers trained on.</param>
/// <param name="Deviation">Their standard deviation, above 0.</param>
internal sealed record NumberScale(double Mean, double Deviation)
{
    private const string MeanKey = "mean", DeviationKey = "deviation";

    /// <summary>Converts a score to the unit of the rows.</summary>
    public double Value(double score) => score * Deviation + Mean;

    public void Write(JsonObject settings) => (settings[MeanKey], settings[DeviationKey]) = (Mean, Deviation);

    public static NumberScale Read(JsonObject settings, string file)
    {
        const string Expected = "the mean of the training rows' numbers, and their standard deviation above 0";
        var mean = SettingsJson.Number(settings, MeanKey, file, _ => true, "a number");
        var deviation = SettingsJson.Number(settings, DeviationKey, file, d => d > 0, "a number above 0");
        return mean is { } m && deviation is { } d ? new(m, d) : throw SkTuningException.BadFile(file, $"{MeanKey}, {DeviationKey}", "missing", Expected);
    }
}
