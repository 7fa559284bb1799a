using System.Text.Json.Nodes;

namespace SkTuning.Compare;

/// <summary>Reads options of one of several kinds: the name of the kind, or an object with the name and the settings that differ from its defaults.</summary>
internal static class PlanKind
{
    /// <summary>Returns the options with every setting.</summary>
    /// <param name="file">The plan, for messages.</param>
    /// <param name="at">The key, for messages.</param>
    /// <param name="value">What the plan has.</param>
    /// <param name="nameKey">The key of the name.</param>
    /// <param name="what">What the options are of, such as <c>head</c>.</param>
    /// <param name="names">The names of all kinds.</param>
    /// <param name="defaults">Returns the defaults of a kind, and its type.</param>
    /// <exception cref="SkTuningFileException">There is no such kind or setting.</exception>
    public static JsonObject Read(string file, string at, JsonNode value, string nameKey, string what, IReadOnlyList<string> names,
        Func<string, (JsonObject Json, Type Type)> defaults)
    {
        var written = value as JsonObject ?? new JsonObject { [nameKey] = value.DeepClone() };
        if (written[nameKey] is not JsonValue named || !named.TryGetValue<string>(out var name) || !names.Contains(name))
        {
            throw SkTuningException.BadFile(file, value is JsonObject ? $"{at}.{nameKey}" : at, PlanReader.Shown(written[nameKey]),
                $"one of {string.Join(", ", names)}");
        }
        var (options, kind) = defaults(name);
        string[] settings = [.. PlanReader.Properties(PlanJson.Default.GetTypeInfo(kind)!).Select(p => p.Name).Where(p => p != nameKey)];
        foreach (var (key, setting) in written)
        {
            if (key == nameKey) continue;
            if (!settings.Contains(key))
            {
                throw SkTuningException.BadFile(file, $"{at}.{key}", $"not a setting of the {what} {name}",
                    settings.Length > 0 ? $"one of {string.Join(", ", settings)}" : "no settings");
            }
            options[key] = setting?.DeepClone();
        }
        return options;
    }
}
