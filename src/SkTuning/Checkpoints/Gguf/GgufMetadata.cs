using System.Buffers.Binary;
using System.Globalization;

namespace SkTuning.Checkpoints.Gguf;

/// <summary>Typed access to the key-value pairs of a GGUF file. Errors name the file and the key.</summary>
internal sealed class GgufMetadata(MappedFile file, IReadOnlyDictionary<string, GgufValue> values)
{
    /// <summary>The keys, in the order of the file.</summary>
    public IEnumerable<string> Keys => values.Keys;

    public bool Has(string key) => values.ContainsKey(key);

    /// <summary>Returns the value of a key, or null.</summary>
    public GgufValue? Find(string key) => values.TryGetValue(key, out var value) ? value : null;

    public string String(string key) => StringOrNull(key) ?? throw Missing(key, "a string");
    public long Int(string key) => IntOrNull(key) ?? throw Missing(key, "an integer");
    public double Float(string key) => FloatOrNull(key) ?? throw Missing(key, "a number");
    public bool Bool(string key) => BoolOrNull(key) ?? throw Missing(key, "true or false");
    public string[] Strings(string key) => StringsOrNull(key) ?? throw Missing(key, "an array of strings");
    public long[] Ints(string key) => IntsOrNull(key) ?? throw Missing(key, "an array of integers");
    public float[] Floats(string key) => FloatsOrNull(key) ?? throw Missing(key, "an array of numbers");

    public string? StringOrNull(string key)
    {
        if (Find(key) is not { } value) return null;
        if (value.Type != GgufValueType.String) throw Wrong(key, value, "a string");
        var at = value.Offset;
        return NextString(key, ref at);
    }

    public long? IntOrNull(string key)
        => Find(key) is not { } value ? null
            : IsInteger(value.Type) ? Integer(key, value.Type, value.Offset) : throw Wrong(key, value, "an integer");

    /// <summary>Returns a finite number, which may be stored as an integer; null if there is no such key.</summary>
    public double? FloatOrNull(string key)
        => Find(key) is not { } value ? null
            : IsNumber(value.Type) ? Number(key, value.Type, value.Offset) : throw Wrong(key, value, "a number");

    public bool? BoolOrNull(string key)
        => Find(key) is not { } value ? null
            : value.Type == GgufValueType.Bool ? Truth(key, value.Offset) : throw Wrong(key, value, "true or false");

    public string[]? StringsOrNull(string key)
    {
        if (Find(key) is not { } value) return null;
        if (value is not { Type: GgufValueType.Array, Element: GgufValueType.String }) throw Wrong(key, value, "an array of strings");
        var strings = new string[value.Count];
        var at = value.Offset;
        for (var i = 0; i < strings.Length; i++) strings[i] = NextString(key, ref at);
        return strings;
    }

    public long[]? IntsOrNull(string key)
    {
        if (Find(key) is not { } value) return null;
        if (value.Type != GgufValueType.Array || !IsInteger(value.Element)) throw Wrong(key, value, "an array of integers");
        return Each(value, at => Integer(key, value.Element, at));
    }

    public float[]? FloatsOrNull(string key)
    {
        if (Find(key) is not { } value) return null;
        if (value.Type != GgufValueType.Array || !IsNumber(value.Element)) throw Wrong(key, value, "an array of numbers");
        return Each(value, at => (float)Number(key, value.Element, at));
    }

    public bool[]? BoolsOrNull(string key)
    {
        if (Find(key) is not { } value) return null;
        if (value is not { Type: GgufValueType.Array, Element: GgufValueType.Bool }) throw Wrong(key, value, "an array of booleans");
        return Each(value, at => Truth(key, at));
    }

    private static T[] Each<T>(GgufValue value, Func<long, T> read)
    {
        var items = new T[value.Count];
        var size = SizeOf(value.Element);
        for (var i = 0; i < items.Length; i++) items[i] = read(value.Offset + (long)i * size);
        return items;
    }

    // These lengths were checked when the file was opened.
    private string NextString(string key, ref long at)
    {
        var length = BinaryPrimitives.ReadInt64LittleEndian(file.Slice(at, 8));
        if (length > int.MaxValue) throw SkTuningException.BadFile(file.Path, key, $"a string of {length} bytes", "at most 2 GiB");
        var text = GgufReader.Decode(file, key, file.Slice(at + 8, (int)length));
        at += 8 + length;
        return text;
    }

    private long Integer(string key, GgufValueType type, long at) => type switch
    {
        GgufValueType.UInt8 => file.Slice(at, 1)[0],
        GgufValueType.Int8 => (sbyte)file.Slice(at, 1)[0],
        GgufValueType.UInt16 => BinaryPrimitives.ReadUInt16LittleEndian(file.Slice(at, 2)),
        GgufValueType.Int16 => BinaryPrimitives.ReadInt16LittleEndian(file.Slice(at, 2)),
        GgufValueType.UInt32 => BinaryPrimitives.ReadUInt32LittleEndian(file.Slice(at, 4)),
        GgufValueType.Int32 => BinaryPrimitives.ReadInt32LittleEndian(file.Slice(at, 4)),
        GgufValueType.Int64 => BinaryPrimitives.ReadInt64LittleEndian(file.Slice(at, 8)),
        _ => BinaryPrimitives.ReadUInt64LittleEndian(file.Slice(at, 8)) is var n && n <= long.MaxValue
            ? (long)n
            : throw SkTuningException.BadFile(file.Path, key, n.ToString(CultureInfo.InvariantCulture), $"at most {long.MaxValue}"),
    };

    private double Number(string key, GgufValueType type, long at)
    {
        var number = type switch
        {
            GgufValueType.Float32 => BinaryPrimitives.ReadSingleLittleEndian(file.Slice(at, 4)),
            GgufValueType.Float64 => BinaryPrimitives.ReadDoubleLittleEndian(file.Slice(at, 8)),
            _ => Integer(key, type, at),
        };
        return double.IsFinite(number) ? number
            : throw SkTuningException.BadFile(file.Path, key, number.ToString(CultureInfo.InvariantCulture), "a finite number");
    }

    private bool Truth(string key, long at) => file.Slice(at, 1)[0] switch
    {
        0 => false,
        1 => true,
        var other => throw SkTuningException.BadFile(file.Path, key, $"the byte {other}", "0 or 1 for false or true"),
    };

    private static bool IsInteger(GgufValueType type)
        => type is >= GgufValueType.UInt8 and <= GgufValueType.Int32 or GgufValueType.UInt64 or GgufValueType.Int64;

    private static bool IsNumber(GgufValueType type) => IsInteger(type) || type is GgufValueType.Float32 or GgufValueType.Float64;

    private static int SizeOf(GgufValueType type) => type switch
    {
        GgufValueType.UInt8 or GgufValueType.Int8 or GgufValueType.Bool => 1,
        GgufValueType.UInt16 or GgufValueType.Int16 => 2,
        GgufValueType.UInt32 or GgufValueType.Int32 or GgufValueType.Float32 => 4,
        _ => 8,
    };

    private SkTuningException Missing(string key, string expected) => SkTuningException.BadFile(file.Path, key, "missing", expected);

    private SkTuningException Wrong(string key, GgufValue value, string expected) => SkTuningException.BadFile(file.Path, key, value.Describe(), expected);
}
