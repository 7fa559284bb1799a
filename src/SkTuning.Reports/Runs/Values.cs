using System.Text.Json;
using System.Text.Json.Nodes;

namespace SkTuning.Reports.Runs;

/// <summary>Values of JSON that may be anything.</summary>
internal static class Values
{
    /// <summary>NaN where there is no number.</summary>
    public static double Number(JsonNode? node) => node is JsonValue value && value.GetValueKind() == JsonValueKind.Number && value.TryGetValue<double>(out var number) ? number : double.NaN;

    public static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    public static bool Is(JsonNode? node) => node is JsonValue value && value.GetValueKind() == JsonValueKind.True;

    /// <summary>Null where it is no list of texts.</summary>
    public static string[]? Texts(JsonNode? node) => node is JsonArray array && array.Select(Text).OfType<string>().ToArray() is var texts && texts.Length == array.Count ? texts : null;

    /// <summary>Any value in short, for tables of settings; null where there is none.</summary>
    public static string? Short(JsonNode? node) => node switch
    {
        null => null,
        JsonArray array => array.Count == 0 ? null : string.Join(", ", array.Select(i => Short(i) ?? "-")),
        JsonObject item => item.Count == 0 ? null : string.Join(", ", item.Select(p => $"{p.Key} = {Short(p.Value) ?? "-"}")),
        _ when node.GetValueKind() == JsonValueKind.True => "yes",
        _ when node.GetValueKind() == JsonValueKind.False => "no",
        _ => Text(node) ?? node.ToJsonString(),
    };
}
