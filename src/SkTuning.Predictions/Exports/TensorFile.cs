using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using SkTuning.Tasks;

namespace SkTuning.Exports;

/// <summary>
/// A small safetensors file of fp32 tensors, read and written without torch: the length of the header in 8 bytes, the header in JSON, the values.
/// </summary>
internal static class TensorFile
{
    private const int MaxHeader = 1 << 20;
    private const string Advice = "The file is damaged: export the adapter again.";

    public static void Write(string path, IReadOnlyList<TaskTensor> tensors)
    {
        var (header, offset) = (new JsonObject(), 0L);
        foreach (var tensor in tensors)
        {
            var end = offset + (long)tensor.Values.Length * sizeof(float);
            header[tensor.Name] = new JsonObject
            {
                ["dtype"] = "F32",
                ["shape"] = new JsonArray([.. tensor.Shape.Select(s => (JsonNode)s)]),
                ["data_offsets"] = new JsonArray(offset, end),
            };
            offset = end;
        }
        var text = header.ToJsonString();
        var bytes = System.Text.Encoding.UTF8.GetBytes(text.PadRight(text.Length + (8 - text.Length % 8) % 8));
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None);
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, bytes.Length);
        file.Write(length);
        file.Write(bytes);
        foreach (var tensor in tensors) file.Write(MemoryMarshal.AsBytes<float>(tensor.Values));
    }

    /// <exception cref="SkTuningFileException">The file is missing or damaged.</exception>
    public static IReadOnlyList<TaskTensor> Read(string path)
    {
        var bytes = InputFile.ReadAllBytes(path);
        if (bytes.Length < 8) throw Bad(null, $"{bytes.Length} bytes", "at least 8 bytes of header length");
        var length = BinaryPrimitives.ReadInt64LittleEndian(bytes);
        var most = Math.Min(bytes.Length - 8, MaxHeader);
        if (length < 2 || length > most) throw Bad(null, $"a header of {length} bytes in a file of {bytes.Length}", $"2 to {most} bytes");
        var header = JsonInput.ParseObject(System.Text.Encoding.UTF8.GetString(bytes, 8, (int)length), path);
        var data = bytes.AsMemory(8 + (int)length);
        var (tensors, at) = (new List<TaskTensor>(), 0L);
        foreach (var (name, entry) in header)
        {
            if (entry is not JsonObject tensor) throw Bad(name, "no tensor", "an object with dtype, shape and data_offsets");
            if (tensor["dtype"] is not JsonValue type || type.GetValueKind() != JsonValueKind.String || type.GetValue<string>() != "F32")
                throw Bad(name, $"of the type {tensor["dtype"]?.ToJsonString() ?? "missing"}", "F32");
            var (shape, offsets) = (Numbers(name, tensor, "shape"), Numbers(name, tensor, "data_offsets"));
            Int128 count = 1;
            foreach (var size in shape) count = Math.Min(long.MaxValue, (long)Int128.Min(long.MaxValue, count * size));
            if (offsets.Length != 2 || offsets[0] != at || offsets[1] < at || offsets[1] > data.Length || count * sizeof(float) != offsets[1] - at)
                throw Bad(name, $"[{string.Join(", ", shape)}] at [{string.Join(", ", offsets)}]", $"one tensor after another in {data.Length} bytes of data");
            var values = MemoryMarshal.Cast<byte, float>(data.Span[(int)at..(int)offsets[1]]).ToArray();
            if (!Batches.FiniteNumbers.All(values)) throw Bad(name, "not finite", "finite numbers");
            tensors.Add(new(name, shape, values));
            at = offsets[1];
        }
        return at == data.Length ? tensors : throw Bad(null, $"{data.Length} bytes of data", $"{at}");

        long[] Numbers(string name, JsonObject tensor, string key)
            => tensor[key] is JsonArray { Count: <= 8 } list
                && list.All(n => n is JsonValue v && v.GetValueKind() == JsonValueKind.Number && v.TryGetValue<long>(out var number) && number >= 0)
                ? [.. list.Select(n => n!.GetValue<long>())]
                : throw Bad(name, $"with {key} {tensor[key]?.ToJsonString() ?? "missing"}", "whole numbers from 0");

        SkTuningFileException Bad(string? key, string found, string expected) => SkTuningException.BadFile(path, key, found, expected, Advice);
    }
}
