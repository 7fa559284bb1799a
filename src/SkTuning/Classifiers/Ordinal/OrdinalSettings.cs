using System.Text.Json.Nodes;
using SkTuning.Decisions;
using SkTuning.Tasks;

namespace SkTuning.Classifiers.Ordinal;

/// <summary>What an adapter stores for ordered levels.</summary>
/// <param name="Order">What the order of the levels comes from.</param>
/// <param name="Temperature">The number that the cumulative logits are divided by.</param>
internal sealed record OrdinalSettings(LevelOrder Order = LevelOrder.Given, double Temperature = 1) : TaskSettings
{
    public const string TemperatureKey = "temperature";
    private const string OrderKey = "levelOrder";

    public override TaskKind Kind => TaskKinds.Get(OrdinalTask.TaskName);

    public override TaskSettings Undecided => this with { Temperature = 1 };

    public override void Write(JsonObject definition)
    {
        if (Order != LevelOrder.Given) definition[OrderKey] = NameOf(Order);
        if (Temperature != 1) definition[TemperatureKey] = Temperature;
    }

    public static OrdinalSettings Read(JsonObject definition, string file)
    {
        var orders = Enum.GetValues<LevelOrder>();
        var (order, written) = (LevelOrder.Given, definition[OrderKey]);
        if (written is not null)
        {
            var name = written is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
            var at = Array.FindIndex(orders, o => NameOf(o) == name);
            if (at < 0) throw SkTuningException.BadFile(file, OrderKey, written.ToJsonString(), $"one of {string.Join(", ", orders.Select(NameOf))}");
            order = orders[at];
        }
        return new(order, SettingsJson.Temperature(definition, TemperatureKey, file));
    }

    /// <summary>Returns the name of an order in files.</summary>
    public static string NameOf(LevelOrder order) => order.ToString().ToLowerInvariant();
}
