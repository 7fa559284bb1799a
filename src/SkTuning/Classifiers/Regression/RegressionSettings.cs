using System.Text.Json.Nodes;
using SkTuning.Tasks;

namespace SkTuning.Classifiers.Regression;

/// <summary>What an adapter stores for one number per row: the scale of the training rows.</summary>
/// <param name="Mean">The mean of the numbers trained on.</param>
/// <param name="Deviation">Their standard deviation, above 0.</param>
internal sealed record RegressionSettings(double Mean, double Deviation) : TaskSettings
{
    private const string MeanKey = "mean", DeviationKey = "deviation";

    public override TaskKind Kind => TaskKinds.Get(RegressionTask.TaskName);

    public override bool UsesPlainScores => Mean == 0 && Deviation == 1;

    public override void Write(JsonObject definition) => (definition[MeanKey], definition[DeviationKey]) = (Mean, Deviation);

    public static RegressionSettings Read(JsonObject definition, string file)
    {
        const string Expected = "the mean of the training rows' numbers, and their standard deviation above 0";
        var mean = ReadNumber(definition, MeanKey, file, _ => true, "a number");
        var deviation = ReadNumber(definition, DeviationKey, file, d => d > 0, "a number above 0");
        return mean is { } m && deviation is { } d ? new(m, d) : throw SkTuningException.BadFile(file, $"{MeanKey}, {DeviationKey}", "missing", Expected);
    }
}
