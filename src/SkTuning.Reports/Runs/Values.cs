using System.Text.Json;
using System.Text.Json.Nodes;

namespace SkTuning.Reports.Runs;

/// <summary>Reads values from JSON of any structure.</summary>
internal static class Values
{
    /// <summary>Returns a number; NaN if the value is not a number.</summary>
    public static double Number(JsonNode? node)
        => node is JsonValue value && value.GetValueKind() == JsonValueKind.Number && value.TryGetValue<double>(out var number) ? number : double.NaN;

    /// <summary>Returns a value inside an object; null if there is none, or if the node is not an object.</summary>
    public static JsonNode? In(JsonNode? node, string key) => (node as JsonObject)?[key];

    public static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    public static bool Is(JsonNode? node) => node is JsonValue value && value.GetValueKind() == JsonValueKind.True;

    /// <summary>Returns a list of strings; null if the value is anything else.</summary>
    public static string[]? Texts(JsonNode? node)
        => node is JsonArray array && array.Select(Text).OfType<string>().ToArray() is var texts && texts.Length == array.Count ? texts : null;

    /// <summary>Formats any value for tables of settings; null if there is no value.</summary>
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
