using System.Text.Json;
using System.Text.Json.Nodes;

namespace SkTuning.Exports;

/// <summary>Reads the keys of a JSON object strictly: each must be there, have its type, and be known.</summary>
/// <param name="json">The object.</param>
/// <param name="file">The file, for messages.</param>
/// <param name="path">What comes before the name of a key in messages.</param>
internal sealed class JsonKeys(JsonObject json, string file, string path = "")
{
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);

    public string Text(string key, bool mayBeEmpty = false)
        => OptionalText(key, mayBeEmpty) ?? throw Bad(key, mayBeEmpty ? "a text" : "a text that is not empty");

    public string? OptionalText(string key, bool mayBeEmpty = false)
    {
        if (Node(key) is not { } node) return null;
        return node.GetValueKind() == JsonValueKind.String && node.GetValue<string>() is var text && (mayBeEmpty || text.Length > 0) ? text
            : throw Bad(key, mayBeEmpty ? "a text" : "a text that is not empty");
    }

    public string OneOf(string key, params IReadOnlyList<string> names)
        => Node(key) is { } node && node.GetValueKind() == JsonValueKind.String && names.Contains(node.GetValue<string>()) ? node.GetValue<string>()
            : throw Bad(key, $"one of {string.Join(", ", names)}");

    public string[] Texts(string key)
        => Node(key) is JsonArray all && all.All(t => t?.GetValueKind() == JsonValueKind.String) ? [.. all.Select(t => t!.GetValue<string>())]
            : throw Bad(key, "a list of texts");

    public bool Flag(string key)
        => Node(key)?.GetValueKind() switch { JsonValueKind.True => true, JsonValueKind.False => false, _ => throw Bad(key, "true or false") };

    public int Whole(string key, int least, int most = int.MaxValue) => OptionalWhole(key, least, most) ?? throw Bad(key, Range(least, most));

    public int? OptionalWhole(string key, int least, int most = int.MaxValue)
    {
        if (Node(key) is not { } node) return null;
        return node is JsonValue value && node.GetValueKind() == JsonValueKind.Number && value.TryGetValue<int>(out var number)
            && number >= least && number <= most ? number : throw Bad(key, Range(least, most));
    }

    public ulong Seed(string key)
        => Node(key) is JsonValue value && value.GetValueKind() == JsonValueKind.Number && value.TryGetValue<ulong>(out var seed) ? seed
            : throw Bad(key, "a whole number from 0");

    public JsonObject Object(string key) => Node(key) as JsonObject ?? throw Bad(key, "an object");

    /// <summary>Refuses keys that were not read.</summary>
    public void RequireNoOthers()
    {
        if (json.Select(p => p.Key).FirstOrDefault(k => !_read.Contains(k)) is { } other)
            throw SkTuningException.BadFile(file, path + other, "an unknown key", $"one of {string.Join(", ", _read.Order(StringComparer.Ordinal))}");
    }

    public SkTuningFileException Bad(string key, string expected)
        => SkTuningException.BadFile(file, path + key, json[key]?.ToJsonString() ?? (json.ContainsKey(key) ? "null" : "missing"), expected);

    private JsonNode? Node(string key)
    {
        _read.Add(key);
        return json[key];
    }

    private static string Range(int least, int most) => most == int.MaxValue ? $"a whole number, {least} or more" : $"a whole number from {least} to {most}";
}
