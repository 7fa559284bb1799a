using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using SkTuning.Fuzz.Mutation;
using SkTuning.Fuzz.Running;

namespace SkTuning.Fuzz.Readers;

/// <summary>
/// Adapters whose two copies of the definition say the same, without a checksum: what <see cref="AdapterReader"/> cannot damage without being noticed before a
/// value is read.
/// </summary>
internal sealed class SealedAdapterReader : Reader
{
    private const string Definition = "adapter.json", Tensors = "adapter.safetensors";

    public override string Name => "sealed-adapter";
    public override int Weight => 4;

    public override IEnumerable<Seed> CreateSeeds(string folder) => new AdapterReader().CreateSeeds(folder).Select(seed => seed with
    {
        Files = new Dictionary<string, byte[]>
        {
            [Definition] = seed.Files[Definition],
            [Tensors] = TensorMutator.Write(TensorMutator.Read(seed.Files[Tensors])),
        },
        Damaged = [Definition, Definition, Definition, Tensors],
    });

    /// <summary>Only the content is damaged: a file that cannot be parsed never gets as far as its values.</summary>
    public override IReadOnlyList<Mutator> MutatorsOf(string file) => file == Definition ? [JsonMutator.Instance] : [TensorMutator.Instance];

    public override void Use(string folder, Use use)
    {
        var adapter = Path.Combine(folder, "adapter");
        Directory.CreateDirectory(adapter);
        var definition = File.ReadAllText(Path.Combine(folder, Definition));
        File.WriteAllText(Path.Combine(adapter, Definition), definition);
        File.WriteAllBytes(Path.Combine(adapter, Tensors), Holding(File.ReadAllBytes(Path.Combine(folder, Tensors)), definition));
        AdapterReader.Predict(adapter, use);
    }

    /// <summary>Returns a file of tensors with a definition. A header that cannot be parsed is kept.</summary>
    private static byte[] Holding(byte[] content, string definition)
    {
        var length = (int)BinaryPrimitives.ReadInt64LittleEndian(content);
        byte[] text;
        try
        {
            if (JsonNode.Parse(content.AsSpan(8, length)) is not JsonObject header) return content;
            header["__metadata__"] = new JsonObject { ["definition"] = definition };
            text = Encoding.UTF8.GetBytes(header.ToJsonString());
        }
        // Not JSON, a key that occurs twice, and a text that is not Unicode.
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException) { return content; }
        var size = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(size, text.Length);
        return [.. size, .. text, .. content[(8 + length)..]];
    }
}
