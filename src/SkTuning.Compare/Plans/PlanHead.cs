using System.Text.Json;
using System.Text.Json.Nodes;

namespace SkTuning.Compare;

/// <summary>Reads the head of a method: its name, or an object with its name and its settings as in adapter.json.</summary>
internal static class PlanHead
{
    /// <summary>Returns the head with every setting; omitted settings have their defaults.</summary>
    public static JsonObject Read(string file, string at, JsonNode value)
    {
        return PlanKind.Read(file, at, value, "head", "head", HeadOptions.Names, Defaults);

        static (JsonObject, Type) Defaults(string name)
        {
            var head = HeadOptions.Create(name);
            return (JsonSerializer.SerializeToNode(head, PlanJson.Default.HeadOptions)!.AsObject(), head.GetType());
        }
    }
}
