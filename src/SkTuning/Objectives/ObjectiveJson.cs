using System.Text.Json.Serialization;

namespace SkTuning.Objectives;

/// <summary>An objective's options in the settings of a run: <c>{"name": "contrastive", "temperature": 0.1}</c>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ObjectiveOptions))]
internal sealed partial class ObjectiveJson : JsonSerializerContext
{
    public const string Discriminator = "name";
}
