using System.Text.Json.Nodes;

namespace SkTuning.Training.Runs;

/// <summary>The settings of a run, and what may not differ when it goes on.</summary>
internal static class RunSettings
{
    /// <summary>Where things stand, not what is computed.</summary>
    private static readonly string[] Free = ["model.path", "device"];

    /// <summary>The first setting in which two differ, as <c>training.learningRate</c>, with both values; null when they are the same.</summary>
    public static (string Key, string Before, string Now)? Difference(JsonNode? before, JsonNode? now, string at = "")
    {
        if (Free.Contains(at)) return null;
        if (before is JsonObject one && now is JsonObject two)
            return one.Select(p => p.Key).Union(two.Select(p => p.Key)).Select(key => Difference(one[key], two[key], at.Length == 0 ? key : $"{at}.{key}")).FirstOrDefault(d => d is not null);
        return JsonNode.DeepEquals(before, now) ? null : (at, Short(before), Short(now));
    }

    private static string Short(JsonNode? node)
    {
        const int Most = 80;
        var text = node?.ToJsonString() ?? "not set";
        return text.Length > Most ? text[..Most] + "…" : text;
    }
}
