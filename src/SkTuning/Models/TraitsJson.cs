using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace SkTuning.Models;

/// <summary>
/// Hashes traits for the fingerprint: every value other than its type's default, sorted by name, written the same in every culture. A trait that a later
/// version adds is left out for models that do not have it, so that existing adapters still recognize their base.
/// </summary>
internal static class Traits
{
    /// <summary>Returns 32 hex digits.</summary>
    public static string Hash(ModelConfig config)
    {
        var sorted = Sorted(JsonSerializer.SerializeToNode(config, TraitsJson.Default.ModelConfig))!;
        return Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(sorted.ToJsonString())))[..32];
    }

    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject o => new JsonObject(o.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => KeyValuePair.Create(p.Key, Sorted(p.Value)))),
        JsonArray a => new JsonArray([.. a.Select(Sorted)]),
        _ => node?.DeepClone(),
    };
}

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault, IgnoreReadOnlyProperties = true, UseStringEnumConverter = true)]
[JsonSerializable(typeof(ModelConfig))]
internal sealed partial class TraitsJson : JsonSerializerContext;
