namespace SkTuning.Checkpoints.Gguf;

/// <summary>One tensor of a GGUF file.</summary>
/// <param name="name">The name.</param>
/// <param name="type">The type of the stored values.</param>
/// <param name="shape">The shape in torch's order, outermost first; the file has the reverse order.</param>
/// <param name="bytes">The size in bytes.</param>
internal sealed class GgufTensor(string name, BlockType type, long[] shape, long bytes)
{
    public string Name => name;
    public BlockType Type => type;
    public long[] Shape => shape;
    public long Bytes => bytes;

    /// <summary>The offset of the first byte: from the start of the data while the table is being read, from the start of the file afterwards.</summary>
    public long Offset { get; set; }

    public string ShapeText => $"[{string.Join(", ", shape)}]";
}

/// <summary>
/// A mapped GGUF file of version 2 or 3: its metadata and its table of tensors, checked against the file's size.
/// Format: github.com/ggml-org/ggml, docs/gguf.md.
/// </summary>
internal sealed class GgufFile : IDisposable
{
    private const uint Magic = 0x46554747;                                    // "GGUF"
    private const int MaxDimensions = 4;
    private const long MaxAlignment = 1 << 20;

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

    /// <summary>The tensors by name, in the order of the file.</summary>
    public IReadOnlyDictionary<string, GgufTensor> Tensors { get; private set; } = null!;

    public void Dispose() => Map.Dispose();

    private GgufFile ReadAll()
    {
        var reader = new GgufReader(Map);
        if (Map.Length < 24) throw Bad(null, $"{Map.Length} bytes", "a GGUF file: at least 24 bytes");
        if (reader.U32("magic") != Magic) throw Bad(null, "a file that does not begin with 'GGUF'", "a GGUF file");
        Version = reader.U32("version");
        if (Version is not (2 or 3))
            throw Bad(
                "version", Version > 0xFFFF ? $"{Version} (big-endian)" : $"{Version}", "version 2 or 3, little-endian",
                "Convert the model again with a current version of llama.cpp.");
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
            var key = reader.Text("a metadata key");
            var type = (GgufValueType)reader.U32(key, " (type)");
            if (!values.TryAdd(key, reader.Value(key, type))) throw Bad(key, "a duplicate key", "one value for that key");
        }
        Metadata = new(Map, values);
        if (Metadata.IntOrNull("split.count") is > 1 and var parts)
            throw Bad("split.count", $"{parts} parts", "one file", "Join the parts first: llama-gguf-split --merge.");
    }

    private void ReadTensors(GgufReader reader, long count)
    {
        var alignment = Metadata.IntOrNull("general.alignment") ?? 32;
        if (alignment is < 1 or > MaxAlignment || !long.IsPow2(alignment))
            throw Bad("general.alignment", $"{alignment}", $"a power of two up to {MaxAlignment}");
        var tensors = new Dictionary<string, GgufTensor>(StringComparer.Ordinal);
        for (long i = 0; i < count; i++)
        {
            var tensor = ReadTensor(reader, alignment);
            if (!tensors.TryAdd(tensor.Name, tensor)) throw Bad(tensor.Name, "a duplicate name", "one tensor of that name");
        }
        var start = (reader.Position + alignment - 1) / alignment * alignment;
        long end = start;
        var inOrder = tensors.Values.ToArray();
        Array.Sort(inOrder, static (a, b) => a.Offset != b.Offset ? a.Offset.CompareTo(b.Offset) : a.Bytes.CompareTo(b.Bytes));
        foreach (var tensor in inOrder)
        {
            var offset = tensor.Offset > Map.Length ? long.MaxValue : start + tensor.Offset;
            if (offset > Map.Length || tensor.Bytes > Map.Length - offset)
                throw Bad(
                    tensor.Name, $"{tensor.Bytes} bytes at {tensor.Offset} of the data",
                    $"a position inside the {Math.Max(0, Map.Length - start)} bytes of data", "The file is truncated.");
            if (offset < end) throw Bad(tensor.Name, $"at {tensor.Offset} of the data, over another tensor", $"{end - start} or later");
            end = offset + tensor.Bytes;
            tensor.Offset = offset;
        }
        Tensors = tensors;
    }

    private GgufTensor ReadTensor(GgufReader reader, long alignment)
    {
        var name = reader.Text("a tensor's name");
        var dimensions = reader.U32(name, " (dimensions)");
        if (dimensions > MaxDimensions) throw Bad(name, $"of {dimensions} dimensions", $"at most {MaxDimensions}");
        var shape = new long[dimensions];
        for (var i = shape.Length - 1; i >= 0; i--)
        {
            var size = reader.U64(name, " (shape)");
            shape[i] = size <= long.MaxValue ? (long)size : throw Bad(name, $"of size {size}", "a size that fits 63 bits");
        }
        var number = reader.U32(name, " (type)");
        var type = BlockType.Find(number)
            ?? throw Bad(name, $"of tensor type {number}", $"one of {BlockType.SupportedNames}", "Quantize the model to another type.");
        var offset = reader.U64(name, " (offset)");
        if (offset > long.MaxValue || (long)offset % alignment != 0)
            throw Bad(name, $"at offset {offset}", $"a multiple of {alignment} inside the file");
        var row = shape.Length == 0 ? 1 : shape[^1];
        if (row % type.Values != 0) throw Bad(name, $"{type.Name} with rows of {row} values", $"a multiple of {type.Values}");
        // A size of 0 makes the tensor empty, but the other sizes must be valid too.
        Int128 values = 1;
        foreach (var size in shape) values = values > long.MaxValue ? values : values * Math.Max(size, 1);
        var bytes = values > long.MaxValue ? Int128.MaxValue : (values + type.Values - 1) / type.Values * type.Bytes;
        if (bytes > Map.Length)
            throw Bad(name, $"{type.Name} [{string.Join(", ", shape)}]", $"a shape that fits the file's {Map.Length} bytes", "The file is damaged.");
        return new(name, type, shape, shape.AsSpan().Contains(0) ? 0 : (long)bytes) { Offset = (long)offset };
    }

    private SkTuningException Bad(string? key, string found, string expected, string? advice = null)
        => SkTuningException.BadFile(Path, key, found, expected, advice);
}
