using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using SkTuning.Fuzz.Running;

namespace SkTuning.Fuzz.Mutation;

/// <summary>Damages a safetensors file that stays well formed: values that are not finite, and a header of the right length.</summary>
internal sealed class TensorMutator : Mutator
{
    public static TensorMutator Instance { get; } = new();

    public override byte[] Damage(byte[] content, Random64 random, List<string> log)
    {
        if (content.Length < 8) return ByteMutator.Instance.Damage(content, random, log);
        var length = BinaryPrimitives.ReadInt64LittleEndian(content);
        if (length < 2 || length > content.Length - 8) return ByteMutator.Instance.Damage(content, random, log);
        var (header, data) = (content[8..(int)(8 + length)], content[(int)(8 + length)..]);
        if (random.OneIn(2) && Values(header, (byte[])data.Clone(), random, log) is { } changed) return [.. content[..(int)(8 + length)], .. changed];
        header = JsonMutator.Instance.Damage(header, random, log);
        var size = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(size, header.Length);
        return [.. size, .. header, .. data];
    }

    private static byte[]? Values(byte[] header, byte[] data, Random64 random, List<string> log)
    {
        JsonObject? root;
        try { root = JsonNode.Parse(header) as JsonObject; }
        catch (JsonException) { return null; }
        if (root is null) return null;
        var tensors = root.Where(t => t.Key != "__metadata__" && t.Value is JsonObject).ToList();
        if (tensors.Count == 0) return null;
        var (name, entry) = tensors[random.Next(tensors.Count)];
        if (entry!["data_offsets"] is not JsonArray { Count: 2 } offsets || entry["dtype"] is not JsonValue type) return null;
        if (offsets[0] is not JsonValue first || !first.TryGetValue<int>(out var from)) return null;
        if (offsets[1] is not JsonValue last || !last.TryGetValue<int>(out var to)) return null;
        if (from < 0 || to <= from || to > data.Length) return null;
        var value = random.Pick([float.NaN, float.PositiveInfinity, float.NegativeInfinity, 3e38f, -3e38f, 1e20f, 0f, float.Epsilon]);
        var bytes = type.ToString() switch
        {
            "F64" => BitConverter.GetBytes((double)value),
            "F16" => BitConverter.GetBytes((Half)value),
            "BF16" => BitConverter.GetBytes(value)[2..],
            "F32" => BitConverter.GetBytes(value),
            _ => [0xFF],
        };
        var all = random.OneIn(3);
        var count = (to - from) / bytes.Length;
        if (count == 0) return null;
        for (var i = 0; i < (all ? count : 1); i++) bytes.CopyTo(data, from + ((all ? i : random.Next(count)) * bytes.Length));
        log.Add($"{name}: {(all ? "all values" : "a value")} set to {value.ToString(System.Globalization.CultureInfo.InvariantCulture)}");
        return data;
    }

    /// <summary>Writes a safetensors file.</summary>
    public static byte[] Write(IEnumerable<(string Name, string Type, long[] Shape, byte[] Data)> tensors)
    {
        var (header, data) = (new JsonObject(), new MemoryStream());
        foreach (var (name, type, shape, bytes) in tensors)
        {
            header[name] = new JsonObject
            {
                ["dtype"] = type,
                ["shape"] = new JsonArray([.. shape.Select(s => (JsonNode)s)]),
                ["data_offsets"] = new JsonArray(data.Length, data.Length + bytes.Length),
            };
            data.Write(bytes);
        }
        var text = Encoding.UTF8.GetBytes(header.ToJsonString());
        var size = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(size, text.Length);
        return [.. size, .. text, .. data.ToArray()];
    }

    /// <summary>Reads all tensors of an intact safetensors file.</summary>
    public static IEnumerable<(string Name, string Type, long[] Shape, byte[] Data)> Read(byte[] content)
    {
        var length = (int)BinaryPrimitives.ReadInt64LittleEndian(content);
        foreach (var (name, entry) in JsonNode.Parse(content.AsSpan(8, length))!.AsObject())
        {
            if (name == "__metadata__") continue;
            var (from, to) = ((int)entry!["data_offsets"]![0]!, (int)entry["data_offsets"]![1]!);
            yield return (name, (string)entry["dtype"]!, [.. entry["shape"]!.AsArray().Select(s => (long)s!)], content[(8 + length + from)..(8 + length + to)]);
        }
    }
}
