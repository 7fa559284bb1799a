using System.Buffers.Binary;
using System.Text.Json;
using TorchSharp;
using static TorchSharp.torch;

namespace SkTuning.Checkpoints;

/// <summary>A tensor to write. Its value is created when its turn comes, in a dispose scope that ends after it was written.</summary>
/// <param name="Name">The name in the file.</param>
/// <param name="Type">The dtype in the file.</param>
/// <param name="Shape">The shape.</param>
/// <param name="Value">Creates the tensor, of that shape and of any dtype.</param>
/// <param name="Written">Called after the tensor was written.</param>
internal sealed record TensorToWrite(string Name, ScalarType Type, long[] Shape, Func<Tensor> Value, Action? Written = null)
{
    public long Bytes { get; } = Shape.Aggregate((long)Type.ElementSize(), (product, size) => checked(product * size));
}

/// <summary>Writes tensors as one safetensors file, in the order given.</summary>
internal static class SafetensorsWriter
{
    /// <summary>The maximum number of values per write: the bytes of a large tensor do not fit one span.</summary>
    private const long MaxValues = 1 << 24;

    public static void Write(string path, IReadOnlyList<(string Name, Tensor Value)> tensors, IReadOnlyDictionary<string, string>? metadata = null)
        => Write(path, [.. tensors.Select(t => new TensorToWrite(t.Name, t.Value.dtype, t.Value.shape, () => t.Value.detach().cpu()))], metadata);

    /// <summary>Creates and writes one tensor after another, so that memory for the largest is enough.</summary>
    public static void Write(string path, IReadOnlyList<TensorToWrite> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        using var off = no_grad();
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20);
        var header = Header(tensors, metadata);
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        file.Write(length);
        file.Write(header);
        foreach (var tensor in tensors) Write(file, tensor);
        file.Flush(flushToDisk: true);
    }

    private static void Write(FileStream file, TensorToWrite tensor)
    {
        if (tensor.Bytes == 0) return;
        using var scope = NewDisposeScope();
        var value = tensor.Value();
        if (!value.shape.AsSpan().SequenceEqual(tensor.Shape))
            throw new InvalidOperationException($"{tensor.Name} is [{string.Join(", ", value.shape)}], expected [{string.Join(", ", tensor.Shape)}].");
        var flat = value.contiguous().view(-1);
        for (long at = 0; at < flat.shape[0]; at += MaxValues)
        {
            using var part = NewDisposeScope();
            file.Write(flat.narrow(0, at, Math.Min(MaxValues, flat.shape[0] - at)).to_type(tensor.Type).bytes);
        }
        tensor.Written?.Invoke();
    }

    private static byte[] Header(IReadOnlyList<TensorToWrite> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (metadata is { Count: > 0 })
            {
                json.WriteStartObject("__metadata__");
                foreach (var (key, value) in metadata.OrderBy(m => m.Key, StringComparer.Ordinal)) json.WriteString(key, value);
                json.WriteEndObject();
            }
            long offset = 0;
            foreach (var tensor in tensors)
            {
                json.WriteStartObject(tensor.Name);
                json.WriteString("dtype", SafetensorsHeader.NameOf(tensor.Type));
                json.WriteStartArray("shape");
                foreach (var size in tensor.Shape) json.WriteNumberValue(size);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                json.WriteNumberValue(offset += tensor.Bytes);
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        while (buffer.Length % 8 != 0) buffer.WriteByte((byte)' ');           // aligns the data
        return buffer.ToArray();
    }
}
