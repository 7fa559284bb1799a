using System.Text.Json;
using System.Text.Json.Nodes;
using SkTuning.Tasks;

namespace SkTuning.Classifiers.MultiLabel;

/// <summary>What an adapter stores for any number of labels per row.</summary>
/// <param name="Decision">The thresholds; null if all are 0.5.</param>
internal sealed record MultiLabelSettings(MultiLabelDecision? Decision = null) : TaskSettings
{
    private const string ThresholdsKey = "thresholds";

    public override TaskKind Kind => TaskKinds.Get(MultiLabelTask.TaskName);

    public override TaskSettings Undecided => new MultiLabelSettings();

    public override void Write(JsonObject definition)
    {
        if (Decision is not null) definition[ThresholdsKey] = new JsonArray([.. Decision.Thresholds.Select(t => (JsonNode)t)]);
    }

    public static MultiLabelSettings Read(JsonObject definition, int labels, string file)
    {
        if (definition[ThresholdsKey] is not { } node) return new();
        var isValid = node is JsonArray all && all.Count == labels
            && all.All(t => t?.GetValueKind() == JsonValueKind.Number && t.GetValue<double>() is >= 0 and <= 1);
        if (!isValid) throw SkTuningException.BadFile(file, ThresholdsKey, node.ToJsonString(), $"{labels} numbers from 0 to 1");
        return new(new MultiLabelDecision([.. node.AsArray().Select(t => t!.GetValue<double>())]));
    }
}
