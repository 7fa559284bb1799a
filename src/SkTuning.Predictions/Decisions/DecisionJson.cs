using System.Text.Json;
using System.Text.Json.Nodes;
using SkTuning.Classifiers.SingleLabel;

namespace SkTuning.Decisions;

/// <summary>How decisions are stored with an adapter: keys beside those of its definition, where defaults are left out.</summary>
internal static class DecisionJson
{
    private const string TemperatureKey = "temperature", ThresholdKey = "sureFrom", ThresholdsKey = "thresholds";

    public static void Write(ClassificationDecision decision, JsonObject settings)
    {
        if (decision.Temperature != 1) settings[TemperatureKey] = decision.Temperature;
        if (decision.ConfidenceThreshold != 0) settings[ThresholdKey] = decision.ConfidenceThreshold;
        if (decision.Sets is { } sets) SetSettings.Write(sets, settings);
        if (decision.Rejection is { } rejection) settings[RejectionStorage.Key] = RejectionStorage.ToJson(rejection);
    }

    /// <summary>Reads a decision, without the tensors of its rejection rule.</summary>
    public static ClassificationDecision Read(JsonObject settings, string file) => new()
    {
        Temperature = SettingsJson.Temperature(settings, TemperatureKey, file),
        ConfidenceThreshold = SettingsJson.Number(settings, ThresholdKey, file, t => t is >= 0 and <= 1, "a number from 0 to 1") ?? 0,
        Sets = SetSettings.Read(settings, (key, isValid, expected) => SettingsJson.Number(settings, key, file, isValid, expected), file),
        Rejection = RejectionStorage.Read(settings, file),
    };

    public static void Write(MultiLabelDecision decision, JsonObject settings)
        => settings[ThresholdsKey] = new JsonArray([.. decision.Thresholds.Select(t => (JsonNode)t)]);

    /// <summary>Reads thresholds; null if there are none.</summary>
    public static MultiLabelDecision? ReadThresholds(JsonObject settings, int labels, string file)
    {
        if (settings[ThresholdsKey] is not { } node) return null;
        var isValid = node is JsonArray all && all.Count == labels
            && all.All(t => t?.GetValueKind() == JsonValueKind.Number && t.GetValue<double>() is >= 0 and <= 1);
        if (!isValid) throw SkTuningException.BadFile(file, ThresholdsKey, node.ToJsonString(), $"{labels} numbers from 0 to 1");
        return new([.. node.AsArray().Select(t => t!.GetValue<double>())]);
    }
}
