namespace SkTuning.Checkpoints.Gguf;

/// <summary>One tensor of a GGUF file.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">How its values are stored.</param>
/// <param name="Shape">The shape in torch's order, outermost first: the file has it the other way round.</param>
/// <param name="Offset">Its first byte, from the start of the file.</param>
/// <param name="Bytes">Its size.</param>
internal sealed record GgufTensor(string Name, BlockType Type, long[] Shape, long Offset, long Bytes)
{
    public string ShapeText => $"[{string.Join(", ", Shape)}]";
}

/// <summary>
/// A GGUF file, version 2 or 3, mapped: metadata and the table of tensors, all checked against the file's size.
/// Format: github.com/ggml-org/ggml, docs/gguf.md.
/// </summary>
internal sealed class GgufFile : IDisposable
{
    private const uint Magic = 0x46554747;                                    // "GGUF"
    private const int MostDimensions = 4;
    private const long LargestAlignment = 1 << 20;

    private GgufFile(MappedFile map) => Map = map;

    public static GgufFile Open(string path)
    {
        var map = FileAccessErrors.Explain(path, () => new MappedFile(path));
        try { return new GgufFile(map).ReadAll(); }
        catch { map.Dispose(); throw; }
    }

    public string Path => Map.Path;
    public MappedFile Map { get; }
    public uint Version { get; private set; }
    public GgufMetadata Metadata { get; private set; } = null!;

    /// <summary>The tensors by name, in the file's order.</summary>
    public IReadOnlyDictionary<string, GgufTensor> Tensors { get; private set; } = null!;

    public void Dispose() => Map.Dispose();

    private GgufFile ReadAll()
    {
        var reader = new GgufReader(Map);
        if (Map.Length < 24) throw Bad(null, $"{Map.Length} bytes", "a GGUF file: at least 24 bytes");
        if (reader.U32("magic") != Magic) throw Bad(null, "a file that does not begin with 'GGUF'", "a GGUF file");
        Version = reader.U32("version");
        if (Version is not (2 or 3))
            throw Bad("version", Version > 0xFFFF ? $"{Version} (big-endian)" : $"{Version}", "version 2 or 3, little-endian", "Convert the model again with a current llama.cpp.");
        var tensorCount = reader.Count(24, "tensor count");
        var valueCount = reader.Count(13, "metadata count");
        ReadMetadata(reader, valueCount);
        ReadTensors(reader, tensorCount);
        return this;
    }

    private void ReadMetadata(GgufReader reader, long count)
    {
        var values = new Dictionary<string, GgufValue>(StringComparer.Ordinal);
        for (long i = 0; i < count; i++)
        {
            var key = reader.Text($"metadata key {i}");
            var type = (GgufValueType)reader.U32(key + " (type)");
            if (!values.TryAdd(key, reader.Value(key, type))) throw Bad(key, "there twice", "one value of that key");
        }
        Metadata = new(Map, values);
        if (Metadata.IntOrNull("split.count") is > 1 and var parts)
            throw Bad("split.count", $"{parts} parts", "one file", "Join the parts first: llama-gguf-split --merge.");
    }

    private void ReadTensors(GgufReader reader, long count)
    {
        var alignment = Metadata.IntOrNull("general.alignment") ?? 32;
        if (alignment is < 1 or > LargestAlignment || !long.IsPow2(alignment)) throw Bad("general.alignment", $"{alignment}", $"a power of two up to {LargestAlignment}");
        var tensors = new Dictionary<string, GgufTensor>(StringComparer.Ordinal);
        for (long i = 0; i < count; i++)
        {
            var tensor = ReadTensor(reader, i, alignment);
            if (!tensors.TryAdd(tensor.Name, tensor)) throw Bad(tensor.Name, "there twice", "one tensor of that name");
        }
        var start = (reader.Position + alignment - 1) / alignment * alignment;
        long end = start;
        foreach (var tensor in tensors.Values.OrderBy(t => t.Offset).ThenBy(t => t.Bytes).ToArray())
        {
            var offset = tensor.Offset > Map.Length ? long.MaxValue : start + tensor.Offset;
            if (offset > Map.Length || tensor.Bytes > Map.Length - offset)
                throw Bad(tensor.Name, $"{tensor.Bytes} bytes at {tensor.Offset} of the data", $"inside the {Math.Max(0, Map.Length - start)} bytes of data", "The file was cut short.");
            if (offset < end) throw Bad(tensor.Name, $"at {tensor.Offset} of the data, over another tensor", $"at {end - start} or later");
            end = offset + tensor.Bytes;
            tensors[tensor.Name] = tensor with { Offset = offset };
        }
        Tensors = tensors;
    }

    private GgufTensor ReadTensor(GgufReader reader, long index, long alignment)
    {
        var name = reader.Text($"name of tensor {index}");
        var dimensions = reader.U32(name + " (dimensions)");
        if (dimensions > MostDimensions) throw Bad(name, $"{dimensions} dimensions", $"at most {MostDimensions}");
        var shape = new long[dimensions];
        for (var i = shape.Length - 1; i >= 0; i--)
        {
            var size = reader.U64(name + " (shape)");
            shape[i] = size <= long.MaxValue ? (long)size : throw Bad(name, $"of size {size}", "a size that fits 63 bits");
        }
        var type = BlockType.Of(reader.U32(name + " (type)"), number => Bad(name, $"of tensor type {number}", $"one of {BlockType.SupportedNames}", "Quantise the model to another type."));
        var offset = reader.U64(name + " (offset)");
        if (offset > long.MaxValue || (long)offset % alignment != 0) throw Bad(name, $"at offset {offset}", $"a multiple of {alignment} inside the file");
        var row = shape.Length == 0 ? 1 : shape[^1];
        if (row % type.Values != 0) throw Bad(name, $"{type.Name} with rows of {row} values", $"a multiple of {type.Values}");
        // A size of 0 makes an empty tensor, but not the other sizes sane.
        var values = shape.Aggregate((Int128)1, (product, size) => product > long.MaxValue ? product : product * Math.Max(size, 1));
        var bytes = values > long.MaxValue ? Int128.MaxValue : (values + type.Values - 1) / type.Values * type.Bytes;
        if (bytes > Map.Length) throw Bad(name, $"{type.Name} [{string.Join(", ", shape)}]", $"a shape that fits the file's {Map.Length} bytes", "The file is damaged.");
        return new(name, type, shape, (long)offset, shape.Contains(0) ? 0 : (long)bytes);
    }

    private SkTuningException Bad(string? key, string found, string expected, string? advice = null) => SkTuningException.BadFile(Path, key, found, expected, advice);
}
