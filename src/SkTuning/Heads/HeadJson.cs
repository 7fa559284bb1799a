using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace SkTuning.Heads;

/// <summary>A head's options as keys of an adapter's definition: <c>"head": "likelihood", "unlikelihood": 1</c>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(HeadOptions))]
internal sealed partial class HeadJson : JsonSerializerContext
{
    public const string Discriminator = "head";

    /// <summary>Writes the options' keys beside the other keys of a definition.</summary>
    public static void Write(HeadOptions head, JsonObject definition)
    {
        foreach (var (key, value) in JsonSerializer.SerializeToNode(head, Default.HeadOptions)!.AsObject()) definition[key] = value?.DeepClone();
    }

    /// <summary>Reads the keys of a head; a missing key has its default.</summary>
    /// <param name="name">The name of the head.</param>
    /// <param name="definition">All keys of the definition that the library itself does not know.</param>
    /// <param name="file">The file, for messages.</param>
    /// <exception cref="SkTuningFileException">There is no such head, or a value cannot be used.</exception>
    public static HeadOptions Read(string name, JsonObject definition, string file)
    {
        var defaults = RegisteredKinds<HeadOptions>.Create(name)
            ?? throw SkTuningException.BadFile(file, Discriminator, $"\"{name}\"", string.Join(", ", SkTuning.HeadOptions.Names));
        var json = JsonSerializer.SerializeToNode(defaults, Default.HeadOptions)!.AsObject();
        foreach (var key in json.Select(p => p.Key).ToList())
            if (key != Discriminator && definition[key] is { } value) json[key] = value.DeepClone();
        try
        {
            var head = json.Deserialize(Default.HeadOptions)!;
            head.Validate();
            return head;
        }
        catch (JsonException e) { throw SkTuningException.BadFile(file, e.Path, "not a valid value", $"an option of the head {name}", cause: e); }
        catch (SkTuningException e)
        {
            throw SkTuningException.BadFile(file, Discriminator, $"\"{name}\" with a value that cannot be used", "values within their ranges", e.Message, e);
        }
    }
}
