using System.Text.Json;
using System.Text.Json.Nodes;

namespace SkTuning.Decisions;

/// <summary>Reads numbers that are stored for a task.</summary>
internal static class SettingsJson
{
    /// <summary>Reads a number.</summary>
    /// <returns>The number; null if the key is missing.</returns>
    /// <exception cref="SkTuningFileException">The value is not a number, or not a valid one.</exception>
    public static double? Number(JsonObject settings, string key, string file, Func<double, bool> isValid, string expected)
    {
        if (settings[key] is not { } node) return null;
        return node.GetValueKind() == JsonValueKind.Number && node.GetValue<double>() is var number && double.IsFinite(number) && isValid(number)
            ? number : throw SkTuningException.BadFile(file, key, node.ToJsonString(), expected);
    }

    /// <summary>Reads a temperature; 1 if there is none.</summary>
    public static double Temperature(JsonObject settings, string key, string file)
        => Number(settings, key, file, t => t is > 0 and <= ClassificationDecision.MaxTemperature, "a number above 0, at most 1000") ?? 1;
}
