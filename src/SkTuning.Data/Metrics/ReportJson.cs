using System.Text.Json.Nodes;

namespace SkTuning.Metrics;

/// <summary>The parts of JSON that evaluation reports share.</summary>
internal static class ReportJson
{
    /// <summary>JSON has no NaN or infinity: they become null.</summary>
    public static JsonNode? Number(double value) => double.IsFinite(value) ? value : null;

    public static JsonObject PerClass(IEnumerable<ClassScores> classes) => new(classes.Select(c => KeyValuePair.Create(c.Label, (JsonNode?)new JsonObject
    {
        ["precision"] = Number(c.Scores.Precision),
        ["recall"] = Number(c.Scores.Recall),
        ["f1"] = Number(c.Scores.F1),
        ["rows"] = c.Rows,
    })));
}
