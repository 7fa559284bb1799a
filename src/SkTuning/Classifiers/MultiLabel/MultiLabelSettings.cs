using System.Text.Json.Nodes;
using SkTuning.Decisions;
using SkTuning.Tasks;

namespace SkTuning.Classifiers.MultiLabel;

/// <summary>What an adapter stores for any number of labels per row.</summary>
/// <param name="Decision">The thresholds; null if all are 0.5.</param>
internal sealed record MultiLabelSettings(MultiLabelDecision? Decision = null) : TaskSettings
{
    public override TaskKind Kind => TaskKinds.Get(MultiLabelTask.TaskName);

    public override TaskSettings Undecided => new MultiLabelSettings();

    public override void Write(JsonObject definition)
    {
        if (Decision is not null) DecisionJson.Write(Decision, definition);
    }

    public static MultiLabelSettings Read(JsonObject definition, int labels, string file) => new(DecisionJson.ReadThresholds(definition, labels, file));
}
