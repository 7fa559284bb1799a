using System.Buffers.Binary;

namespace SkTuning.Data.Parquet;

/// <summary>A column in a row group, as the footer describes it.</summary>
internal sealed class ParquetChunk
{
    public List<string> Path { get; } = [];

    public int Codec { get; set; }

    public long Values { get; set; }

    public long CompressedSize { get; set; }

    public long UncompressedSize { get; set; }

    public long DataOffset { get; set; }

    public long DictionaryOffset { get; set; }

    public bool IsInAnotherFile { get; set; }

    /// <summary>The position of the first page.</summary>
    public long Start => DictionaryOffset > 0 && DictionaryOffset < DataOffset ? DictionaryOffset : DataOffset;
}

/// <summary>
/// The footer of a Parquet file, checked before Parquet.Net reads it: that it is well-formed, that its schema is a tree, and that all columns lie in the file.
/// </summary>
internal sealed class ParquetFooter
{
    private const int MaxFooter = 1 << 28, Tail = 8, MaxSchemaDepth = 64;

    private readonly List<(string Name, int Children, bool HasType)> _schema = [];

    /// <summary>The row groups: their numbers of rows, and their columns.</summary>
    public List<(long Rows, List<ParquetChunk> Chunks)> Groups { get; } = [];

    /// <exception cref="InvalidDataException">The file is damaged, encrypted, or not a Parquet file.</exception>
    public static ParquetFooter Read(Stream file)
    {
        var ends = new byte[4 + Tail];
        if (file.Length < ends.Length) throw new InvalidDataException($"it has {file.Length} bytes");
        ReadAt(file, 0, ends.AsSpan(0, 4));
        ReadAt(file, file.Length - Tail, ends.AsSpan(4));
        if (ends.AsSpan(0, 4).SequenceEqual("PARE"u8) || ends.AsSpan(8).SequenceEqual("PARE"u8)) throw new InvalidDataException("it is encrypted");
        if (!ends.AsSpan(0, 4).SequenceEqual("PAR1"u8) || !ends.AsSpan(8).SequenceEqual("PAR1"u8))
            throw new InvalidDataException("it does not start and end with PAR1");
        var length = BinaryPrimitives.ReadUInt32LittleEndian(ends.AsSpan(4));
        if (length > file.Length - ends.Length || length > MaxFooter)
            throw new InvalidDataException($"its metadata has {length} bytes, in a file of {file.Length}");
        var data = new byte[length];
        ReadAt(file, file.Length - Tail - length, data);
        var footer = new ParquetFooter();
        new ThriftWalker(data, data.Length) { Found = footer.Take }.Read(ThriftStruct.FileMetaData);
        footer.Check(file.Length - Tail - length);
        file.Position = 0;
        return footer;
    }

    public static void ReadAt(Stream file, long position, Span<byte> buffer)
    {
        file.Position = position;
        file.ReadExactly(buffer);
    }

    private void Take(ThriftStruct type, int field, long value, ReadOnlyMemory<byte> bytes)
    {
        if (type == ThriftStruct.SchemaElement)
        {
            if (field == 0) _schema.Add(("", 0, false));
            var element = _schema[^1];
            _schema[^1] = field switch
            {
                1 when value is >= 0 and <= 7 => element with { HasType = true },
                1 => throw Bad($"the type {value} does not exist"),
                2 when value is < 0 or > 1 << 20 => throw Bad($"a value has {value} bytes"),
                3 when value is < 0 or > 2 => throw Bad($"the repetition type {value} does not exist"),
                4 => element with { Name = ThriftWalker.Text(bytes) },
                5 => element with { Children = value is >= 0 and <= int.MaxValue ? (int)value : throw Bad($"a column has {value} parts") },
                7 or 8 when value is < 0 or > 1000 => throw Bad($"a decimal number has {value} digits"),
                _ => element,
            };
        }
        else if (type == ThriftStruct.RowGroup && field == 0) Groups.Add((0, []));
        else if (type == ThriftStruct.RowGroup && field == 3) Groups[^1] = Groups[^1] with { Rows = value };
        else if (type == ThriftStruct.ColumnChunk && field == 0) Groups[^1].Chunks.Add(new());
        else if (type == ThriftStruct.ColumnChunk && field == 1) Groups[^1].Chunks[^1].IsInAnotherFile = bytes.Length > 0;
        else if (type == ThriftStruct.ColumnMetaData) Take(Groups[^1].Chunks[^1], field, value, bytes);
    }

    private static void Take(ParquetChunk chunk, int field, long value, ReadOnlyMemory<byte> bytes)
    {
        switch (field)
        {
            case 3: chunk.Path.Add(ThriftWalker.Text(bytes)); break;
            case 4: chunk.Codec = (int)value; break;
            case 5: chunk.Values = value; break;
            case 6: chunk.UncompressedSize = value; break;
            case 7: chunk.CompressedSize = value; break;
            case 9: chunk.DataOffset = value; break;
            case 11: chunk.DictionaryOffset = value; break;
        }
    }

    private void Check(long end)
    {
        var leaves = new List<string>();
        if (_schema.Count == 0 || Tree(0, [], leaves) != _schema.Count) throw Bad("the schema is not one tree");
        foreach (var (rows, chunks) in Groups)
        {
            if (rows < 0) throw Bad($"a row group has {rows} rows");
            if (chunks.Count != leaves.Count) throw Bad($"a row group has {chunks.Count} columns of {leaves.Count}");
            for (var i = 0; i < chunks.Count; i++) Check(chunks[i], leaves[i], end);
        }
    }

    private static void Check(ParquetChunk chunk, string leaf, long end)
    {
        var name = string.Join('/', chunk.Path);
        if (name != leaf) throw Bad($"the columns of a row group are not those of the schema ('{name}')");
        if (chunk.IsInAnotherFile) throw Bad($"the column '{name}' is in another file");
        if (chunk.Codec is < 0 or > 7) throw Bad($"the compression {chunk.Codec} does not exist");
        if (chunk.Values < 0 || chunk.UncompressedSize < 0) throw Bad($"the column '{name}' has a negative size");
        if (chunk.DictionaryOffset < 0 || chunk.DataOffset < 4 || chunk.CompressedSize < 0 || chunk.CompressedSize > end - chunk.Start)
            throw Bad($"the column '{name}' lies outside of the file");
    }

    /// <summary>Reads an element and those below it, and returns the index after them.</summary>
    private int Tree(int at, List<string> path, List<string> leaves)
    {
        if (at >= _schema.Count || path.Count > MaxSchemaDepth) throw Bad("the schema is not one tree");
        var (_, children, hasType) = _schema[at];
        if (hasType == children > 0 && at > 0) throw Bad("the schema is not one tree");
        if (hasType) leaves.Add(string.Join('/', path));
        var next = at + 1;
        for (var i = 0; i < children; i++)
        {
            path.Add(next < _schema.Count ? _schema[next].Name : "");
            next = Tree(next, path, leaves);
            path.RemoveAt(path.Count - 1);
        }
        return next;
    }

    private static InvalidDataException Bad(string what) => new($"its metadata is damaged: {what}");
}
