using System.Buffers.Binary;
using System.Text.Json;
using static TorchSharp.torch;

namespace SkTuning.Checkpoints;

/// <summary>
/// The header of a safetensors file: its length in 8 bytes, followed by JSON of name -> dtype, shape, data_offsets. Every number is checked
/// against the file's size before it is used.
/// </summary>
internal sealed class SafetensorsHeader
{
    /// <summary>The format's own limit.</summary>
    private const long MaxBytes = 100_000_000;
    private const int MaxDimensions = 16;

    /// <summary>The location of a tensor's bytes in the file, and torch's type for them, if there is one.</summary>
    public readonly record struct Place(long Offset, long Bytes, ScalarType? Type);

    public required IReadOnlyDictionary<string, TensorEntry> Entries { get; init; }
    public required IReadOnlyDictionary<string, Place> Places { get; init; }
    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    public static SafetensorsHeader Read(MappedFile file)
    {
        if (file.Length < 8) throw Bad(null, $"{file.Length} bytes", "at least 8 bytes of header length");
        var length = BinaryPrimitives.ReadInt64LittleEndian(file.Slice(0, 8));
        if (length < 2 || length > Math.Min(file.Length - 8, MaxBytes))
            throw Bad(
                null, $"a header of {length} bytes in a file of {file.Length}", $"2 to {Math.Min(file.Length - 8, MaxBytes)}",
                "The file is truncated or not in safetensors format.");
        // An entry has at least about 64 bytes. Tables that need not grow limit the cost of a header with very many small entries.
        var expected = (int)(length / 64);
        var entries = new Dictionary<string, TensorEntry>(expected, StringComparer.Ordinal);
        var places = new Dictionary<string, Place>(expected, StringComparer.Ordinal);
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        try
        {
            // One entry at a time: parsed as a whole, the header would take many times its size.
            var json = new Utf8JsonReader(file.Slice(8, (int)length), new JsonReaderOptions { MaxDepth = 8 });
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject) throw Bad(null, $"a header that begins with {json.TokenType}", "a JSON object");
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                var name = json.GetString()!;
                using var value = JsonDocument.ParseValue(ref json);
                if (name == "__metadata__") ReadMetadata(value.RootElement, metadata);
                else ReadEntry(name, value.RootElement);
            }
            while (json.Read()) { }                                            // the reader fails on anything but white space here
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw SkTuningException.BadFile(
                file.Path, null, "a header that is not valid JSON", "a safetensors header", "The file is damaged or not in safetensors format.", e);
        }
        RefuseOverlaps();
        return new() { Entries = entries, Places = places, Metadata = metadata };

        void RefuseOverlaps()
        {
            var inOrder = entries.Keys.ToArray();
            Array.Sort(inOrder, (a, b) => (places[a].Offset, places[a].Bytes).CompareTo((places[b].Offset, places[b].Bytes)));
            long end = 0;
            foreach (var name in inOrder)
            {
                var place = places[name];
                if (place.Bytes > 0 && place.Offset < end) throw Bad(name, $"at {place.Offset} of the file, over another tensor", $"{end} or later");
                end = Math.Max(end, place.Offset + place.Bytes);
            }
        }

        void ReadEntry(string name, JsonElement value)
        {
            if (value.ValueKind != JsonValueKind.Object) throw Bad(name, value.ValueKind.ToString(), "an object with dtype, shape and data_offsets");
            var dtype = value.TryGetProperty("dtype", out var d) && d.ValueKind == JsonValueKind.String
                ? KnownName(d) ?? d.GetString()! : throw Bad(name, "without a dtype", "dtype, shape and data_offsets");
            var shape = Numbers(name, value, "shape");
            var offsets = Numbers(name, value, "data_offsets");
            if (shape.Length > MaxDimensions) throw Bad(name, $"of {shape.Length} dimensions", $"at most {MaxDimensions}");
            if (offsets.Length != 2) throw Bad(name, $"with {offsets.Length} data_offsets", "2");
            var (begin, end) = (offsets[0], offsets[1]);
            var room = file.Length - 8 - length;
            if (begin > end || end > room)
                throw Bad(name, $"at data_offsets {begin} to {end}", $"a position inside the {room} bytes of data", "The file is truncated.");
            var entry = new TensorEntry(name, file.Path, dtype, shape);
            var (type, bits) = TypeOf(dtype);
            // A size of 0 makes the tensor empty, but torch computes strides from the other sizes.
            Int128 count = 1, extent = 1;
            foreach (var size in shape)
            {
                (count, extent) = (count * size, extent * Math.Max(size, 1));
                if (extent > long.MaxValue) throw Bad(name, $"of shape {entry.ShapeText}", "a number of values that fits 64 bits");
            }
            if (bits > 0 && count * bits != (Int128)(end - begin) * 8)
                throw Bad(name, $"{end - begin} bytes", $"{count * bits / 8} for {dtype} {entry.ShapeText}");
            if (!entries.TryAdd(name, entry)) throw Bad(name, "a duplicate name", "one tensor of that name");
            places[name] = new(8 + length + begin, end - begin, type);
        }

        long[] Numbers(string name, JsonElement value, string key)
        {
            if (!value.TryGetProperty(key, out var list) || list.ValueKind != JsonValueKind.Array)
                throw Bad(name, $"without a list '{key}'", "dtype, shape and data_offsets");
            var numbers = new long[list.GetArrayLength()];
            var i = 0;
            foreach (var number in list.EnumerateArray())
                numbers[i++] = number.ValueKind == JsonValueKind.Number && number.TryGetInt64(out var n) && n >= 0
                    ? n : throw Bad(name, $"with {number.GetRawText()} in {key}", "integers from 0");
            return numbers;
        }

        void ReadMetadata(JsonElement value, Dictionary<string, string> into)
        {
            if (value.ValueKind != JsonValueKind.Object) return;
            foreach (var item in value.EnumerateObject())
                if (item.Value.ValueKind == JsonValueKind.String)
                    into[item.Name] = item.Value.GetString()!;
        }

        SkTuningException Bad(string? key, string found, string expected, string? advice = null)
            => SkTuningException.BadFile(file.Path, key, found, expected, advice);
    }

    private static readonly string[] KnownNames = ["F32", "F16", "BF16", "F64", "I64", "I32", "I16", "I8", "U8", "BOOL"];

    private static string? KnownName(JsonElement value)
    {
        foreach (var name in KnownNames)
            if (value.ValueEquals(name))
                return name;
        return null;
    }

    /// <summary>torch's type for a type name of the format, and its size in bits. Null if torch has no such type; 0 bits if the name is unknown.</summary>
    private static (ScalarType? Type, int Bits) TypeOf(string dtype) => dtype switch
    {
        "F64" => (ScalarType.Float64, 64),
        "F32" => (ScalarType.Float32, 32),
        "F16" => (ScalarType.Float16, 16),
        "BF16" => (ScalarType.BFloat16, 16),
        "I64" => (ScalarType.Int64, 64),
        "I32" => (ScalarType.Int32, 32),
        "I16" => (ScalarType.Int16, 16),
        "I8" => (ScalarType.Int8, 8),
        "U8" => (ScalarType.Byte, 8),
        "BOOL" => (ScalarType.Bool, 8),
        _ => (null, 0),
    };

    /// <summary>Returns the format's name for a torch type.</summary>
    public static string NameOf(ScalarType type) => type switch
    {
        ScalarType.Float64 => "F64",
        ScalarType.Float32 => "F32",
        ScalarType.Float16 => "F16",
        ScalarType.BFloat16 => "BF16",
        ScalarType.Int64 => "I64",
        ScalarType.Int32 => "I32",
        ScalarType.Int16 => "I16",
        ScalarType.Int8 => "I8",
        ScalarType.Byte => "U8",
        ScalarType.Bool => "BOOL",
        _ => throw new SkTuningException(
            $"A tensor of dtype {type} cannot be written as safetensors: expected F64, F32, F16, BF16, I64, I32, I16, I8, U8 or BOOL."),
    };
}
