using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace SkTuning.Compare;

/// <summary>Reads the head of a method: its name, or an object with its name and its settings as in adapter.json.</summary>
internal static class PlanHead
{
    private const string Name = "head";

    /// <summary>Returns the head with every setting; omitted settings have their defaults.</summary>
    public static JsonObject Read(string file, string at, JsonNode value)
    {
        var written = value as JsonObject ?? new JsonObject { [Name] = value.DeepClone() };
        var known = $"one of {string.Join(", ", HeadOptions.Names)}";
        if (written[Name] is not JsonValue named || !named.TryGetValue<string>(out var name) || !HeadOptions.Names.Contains(name))
            throw SkTuningException.BadFile(file, value is JsonObject ? $"{at}.{Name}" : at, PlanReader.Shown(written[Name]), known);
        var defaults = HeadOptions.Create(name);
        var head = JsonSerializer.SerializeToNode(defaults, PlanJson.Default.HeadOptions)!.AsObject();
        var type = PlanJson.Default.GetTypeInfo(defaults.GetType())!;
        foreach (var (key, setting) in written)
        {
            if (key == Name) continue;
            if (PlanReader.Properties(type).All(p => p.Name != key))
                throw SkTuningException.BadFile(file, $"{at}.{key}", $"not a setting of the head {name}", Settings(type));
            head[key] = setting?.DeepClone();
        }
        return head;
    }

    private static string Settings(JsonTypeInfo type)
    {
        string[] names = [.. PlanReader.Properties(type).Select(p => p.Name).Where(p => p != Name)];
        return names.Length > 0 ? $"one of {string.Join(", ", names)}" : "no settings";
    }
}
