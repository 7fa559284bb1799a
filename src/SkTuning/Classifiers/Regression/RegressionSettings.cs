using System.Text.Json.Nodes;
using SkTuning.Decisions;
using SkTuning.Tasks;

namespace SkTuning.Classifiers.Regression;

/// <summary>What an adapter stores for one number per row: the scale of the training rows.</summary>
/// <param name="Scale">The mean and the standard deviation of the numbers trained on.</param>
internal sealed record RegressionSettings(NumberScale Scale) : TaskSettings
{
    public RegressionSettings(double mean, double deviation) : this(new NumberScale(mean, deviation)) { }

    public double Mean => Scale.Mean;

    public double Deviation => Scale.Deviation;

    public override TaskKind Kind => TaskKinds.Get(RegressionTask.TaskName);

    public override bool UsesPlainScores => Scale == new NumberScale(0, 1);

    public override void Write(JsonObject definition) => Scale.Write(definition);

    public static RegressionSettings Read(JsonObject definition, string file) => new(NumberScale.Read(definition, file));
}
