using System.Text.Json;
using System.Text.Json.Nodes;
using SkTuning.Metrics;
using SkTuning.Tasks;

namespace SkTuning.Classifiers.SingleLabel;

/// <summary>Stores a <see cref="RejectionRule"/>: its numbers in the definition of the adapter, and what the score is computed from as tensors.</summary>
internal static class RejectionStorage
{
    /// <summary>The key in the definition.</summary>
    public const string Key = "rejection";

    private const string ScoreKey = "score", ThresholdKey = "threshold", TemperatureKey = "temperature", NeighborsKey = "neighbors",
        LabelKey = "outOfScopeLabel";

    private const string Means = TaskTensor.Prefix + "rejection.means", Factor = TaskTensor.Prefix + "rejection.factor",
        Rows = TaskTensor.Prefix + "rejection.rows";

    public static JsonObject ToJson(RejectionRule rule)
    {
        var json = new JsonObject { [ScoreKey] = rule.Score.ToString(), [ThresholdKey] = rule.Threshold, [TemperatureKey] = rule.Scorer.Temperature };
        if (rule.Scorer.Neighbors is { } neighbors) json[NeighborsKey] = neighbors.Neighbors;
        if (rule.OutOfScopeLabel is { } label) json[LabelKey] = label;
        return json;
    }

    public static IReadOnlyList<TaskTensor> Tensors(RejectionRule rule) => rule.Scorer switch
    {
        { Distance: { } distance } => [Of(Means, distance.Means), new(Factor, [distance.Factor.Length], distance.Factor)],
        { Neighbors: { } neighbors } => [Of(Rows, neighbors.Rows)],
        _ => [],
    };

    /// <summary>Reads a rule, without its tensors; null if there is none.</summary>
    public static RejectionRule? Read(JsonObject definition, string file)
    {
        if (definition[Key] is not { } node) return null;
        if (node is not JsonObject json) throw Bad("", node, "an object with a score and a threshold");
        var name = json[ScoreKey] is JsonValue text && text.GetValueKind() == JsonValueKind.String ? text.GetValue<string>() : "";
        if (!Enum.GetNames<RejectionScore>().Contains(name)) throw Bad(ScoreKey, json[ScoreKey], string.Join(", ", Enum.GetNames<RejectionScore>()));
        var score = Enum.Parse<RejectionScore>(name);
        var label = json[LabelKey] is not { } given ? null
            : given.GetValueKind() == JsonValueKind.String && given.GetValue<string>() is { Length: > 0 } found ? found : throw Bad(LabelKey, given, "a label");
        var temperature = Number(TemperatureKey, t => t is > 0 and <= ClassificationDecision.MaxTemperature, "a number above 0, at most 1000");
        var threshold = Number(ThresholdKey, double.IsFinite, "a number");
        var neighbors = score != RejectionScore.NearestNeighbors ? null
            : new NeighborDistance(new([], 1), (int)Number(NeighborsKey, n => n is >= 1 and <= 1000 && n == Math.Floor(n), "1 to 1000"));
        return new(new(score, temperature, Neighbors: neighbors)) { Threshold = threshold, OutOfScopeLabel = label };

        double Number(string key, Func<double, bool> isValid, string expected)
            => json[key] is { } value && value.GetValueKind() == JsonValueKind.Number && value.GetValue<double>() is var number && isValid(number) ? number
                : throw Bad(key, json[key], expected);

        SkTuningFileException Bad(string key, JsonNode? found, string expected)
            => SkTuningException.BadFile(file, key.Length == 0 ? Key : $"{Key}.{key}", found?.ToJsonString() ?? "missing", expected);
    }

    /// <summary>Returns a rule with the tensors that it needs.</summary>
    public static RejectionRule Complete(RejectionRule rule, Func<string, TaskTensor> read, string file)
    {
        if (rule.Score == RejectionScore.NearestNeighbors)
            return rule with { Scorer = rule.Scorer with { Neighbors = rule.Scorer.Neighbors! with { Rows = Matrix(read(Rows)) } } };
        if (rule.Score != RejectionScore.Mahalanobis) return rule;
        var (means, factor) = (Matrix(read(Means)), read(Factor));
        var expected = (long)means.Width * (means.Width + 1) / 2;
        if (factor.Values.Length != expected)
            throw SkTuningException.BadFile(file, Factor, $"[{string.Join(", ", factor.Shape)}]", $"[{expected}]", "The file belongs to another adapter.");
        return rule with { Scorer = rule.Scorer with { Distance = new(means, factor.Values) } };

        FeatureRows Matrix(TaskTensor tensor) => tensor.Shape is [> 0, > 0 and <= int.MaxValue] ? new(tensor.Values, (int)tensor.Shape[1])
            : throw SkTuningException.BadFile(file, tensor.Name, $"[{string.Join(", ", tensor.Shape)}]", "two dimensions");
    }

    private static TaskTensor Of(string name, FeatureRows rows) => new(name, [rows.Count, rows.Width], rows.Values);
}
