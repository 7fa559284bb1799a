using System.Text.Json.Nodes;

namespace SkTuning.Training.Runs;

/// <summary>Compares the settings of a run with those of the run that it resumes.</summary>
internal static class RunSettings
{
    /// <summary>Settings that may differ, since they do not change the result.</summary>
    private static readonly string[] MayDiffer = ["model.path", "device"];

    /// <summary>Returns the first setting that differs, such as <c>training.learningRate</c>, with both values; null if all are equal.</summary>
    public static (string Key, string Before, string Now)? Difference(JsonNode? before, JsonNode? now, string path = "")
    {
        if (MayDiffer.Contains(path)) return null;
        if (before is JsonObject one && now is JsonObject two)
        {
            return one.Select(p => p.Key).Union(two.Select(p => p.Key))
                .Select(key => Difference(one[key], two[key], path.Length == 0 ? key : $"{path}.{key}")).FirstOrDefault(d => d is not null);
        }
        return JsonNode.DeepEquals(before, now) ? null : (path, Short(before), Short(now));
    }

    private static string Short(JsonNode? node)
    {
        const int MaxLength = 80;
        var text = node?.ToJsonString() ?? "not set";
        return text.Length > MaxLength ? text[..MaxLength] + "…" : text;
    }
}
