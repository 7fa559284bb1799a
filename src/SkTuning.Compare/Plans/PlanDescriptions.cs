using System.Text.Json;
using System.Text.Json.Nodes;

namespace SkTuning.Compare;

/// <summary>
/// Reads the descriptions of labels: an object of labels with a text or a list of texts, or the path of a file with such an object or with lines.
/// </summary>
internal static class PlanDescriptions
{
    private const string Expected = "an object of labels with a text or a list of texts, or the path of a file";

    /// <summary>Returns the descriptions of a data set's labels, with a list of texts for each label.</summary>
    /// <param name="file">The plan, for messages.</param>
    /// <param name="at">The key in the plan.</param>
    /// <param name="value">The value of the key.</param>
    /// <param name="folder">The folder that paths are relative to.</param>
    public static JsonObject Read(string file, string at, JsonNode? value, string folder) => value switch
    {
        JsonObject texts => Lists(file, $"{at}.", texts),
        JsonValue path when path.GetValueKind() == JsonValueKind.String => OfFile(Path.GetFullPath(Path.Combine(folder, Clean(file, at, (string)path!)))),
        _ => throw SkTuningException.BadFile(file, at, PlanReader.Shown(value), Expected),
    };

    /// <summary>Returns the descriptions of several data sets.</summary>
    /// <inheritdoc cref="Read"/>
    public static JsonObject ReadEach(string file, string at, JsonNode value, string folder)
    {
        if (value is not JsonObject sets) throw SkTuningException.BadFile(file, at, PlanReader.Shown(value), "an object of data sets");
        return new(sets.Select(s => KeyValuePair.Create(s.Key, (JsonNode?)Read(file, $"{at}.{s.Key}", s.Value, folder))));
    }

    private static JsonObject OfFile(string path)
    {
        var content = InputFile.ReadAllText(path);
        return content.TrimStart().StartsWith('{') ? Lists(path, "", JsonInput.ParseObject(content, path, asWritten: true)) : Lines(path, content);
    }

    private static JsonObject Lists(string file, string at, JsonObject texts)
    {
        var lists = new JsonObject();
        foreach (var (label, value) in texts)
        {
            JsonNode?[] all = value is JsonArray several ? [.. several] : [value];
            if (all.Any(t => t?.GetValueKind() != JsonValueKind.String))
                throw SkTuningException.BadFile(file, at + label, PlanReader.Shown(value), "a text or a list of texts");
            lists[label] = new JsonArray([.. all.Select(t => t!.DeepClone())]);
        }
        return lists;
    }

    private static JsonObject Lines(string file, string content)
    {
        var lists = new JsonObject();
        foreach (var (i, line) in content.ReplaceLineEndings("\n").Split('\n').Index())
        {
            if (string.IsNullOrWhiteSpace(line)) continue;
            if (line.Split('=', 2) is not [var label, var text] || string.IsNullOrWhiteSpace(label) || string.IsNullOrWhiteSpace(text))
                throw SkTuningException.BadFile(file, $"line {i + 1}", $"\"{line.Trim()}\"", "label=text");
            if (!lists.ContainsKey(label.Trim())) lists[label.Trim()] = new JsonArray();
            lists[label.Trim()]!.AsArray().Add((JsonNode)text.Trim());
        }
        return lists;
    }

    private static string Clean(string file, string at, string path)
        => path.Length > 0 && !path.Contains('\0') ? path : throw SkTuningException.BadFile(file, at, PlanReader.Shown(path), Expected);
}
