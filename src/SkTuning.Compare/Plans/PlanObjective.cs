using System.Text.Json;
using System.Text.Json.Nodes;

namespace SkTuning.Compare;

/// <summary>Reads the objective of a method: its name, or an object with its name and its settings.</summary>
internal static class PlanObjective
{
    /// <summary>Returns the objective with every setting; omitted settings have their defaults.</summary>
    public static JsonObject Read(string file, string at, JsonNode value)
    {
        return PlanKind.Read(file, at, value, "name", "objective", ObjectiveOptions.Names, Defaults);

        static (JsonObject, Type) Defaults(string name)
        {
            var objective = ObjectiveOptions.Create(name);
            return (JsonSerializer.SerializeToNode(objective, PlanJson.Default.ObjectiveOptions)!.AsObject(), objective.GetType());
        }
    }
}
