using System.Buffers.Binary;
using System.Text;

namespace SkTuning.Checkpoints.Gguf;

/// <summary>Reads a GGUF header from start to end. No count or length is used before it was checked against the rest of the file.</summary>
internal sealed class GgufReader(MappedFile file)
{
    private const int MaxArrayDepth = 4;

    private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);

    public long Position { get; private set; }

    private long Left => file.Length - Position;

    // The two parts of a name are joined for an error only: a file with a million entries creates no unused strings.

    public uint U32(string what, string part = "") => BinaryPrimitives.ReadUInt32LittleEndian(Take(4, what, part));

    public ulong U64(string what, string part = "") => BinaryPrimitives.ReadUInt64LittleEndian(Take(8, what, part));

    /// <summary>Reads a count of items that take at least <paramref name="bytesEach"/> bytes each.</summary>
    public long Count(long bytesEach, string what, string part = "")
    {
        var count = U64(what, part);
        if (count > (ulong)(Left / bytesEach)) throw Bad(what + part, $"{count}", $"at most {Left / bytesEach}: {Left} bytes are left");
        return (long)count;
    }

    /// <summary>Reads a string: its length in 8 bytes, then UTF-8.</summary>
    public string Text(string what)
    {
        var length = Count(1, what, " (length)");
        return Decode(file, what, TakeLong(length, what));
    }

    /// <summary>Skips a value of <paramref name="type"/> and returns its position.</summary>
    public GgufValue Value(string key, GgufValueType type, int depth = 0)
    {
        if (type != GgufValueType.Array)
        {
            var at = Position;
            if (type == GgufValueType.String) Skip(Count(1, key, " (length)"), key);
            else Skip(SizeOf(key, type), key);
            return new(type, type, 1, at);
        }
        if (depth == MaxArrayDepth) throw Bad(key, "a deeply nested array", $"at most {MaxArrayDepth} levels");
        var element = (GgufValueType)U32(key, " (element type)");
        var size = element switch { GgufValueType.String => 8, GgufValueType.Array => 12, _ => SizeOf(key, element) };
        var count = Count(size, key, " (array length)");
        var first = Position;
        if (element is GgufValueType.String or GgufValueType.Array)
            for (long i = 0; i < count; i++) Value(key, element, depth + 1);
        else Skip(count * size, key);
        return new(GgufValueType.Array, element, count, first);
    }

    private int SizeOf(string key, GgufValueType type) => type switch
    {
        GgufValueType.UInt8 or GgufValueType.Int8 or GgufValueType.Bool => 1,
        GgufValueType.UInt16 or GgufValueType.Int16 => 2,
        GgufValueType.UInt32 or GgufValueType.Int32 or GgufValueType.Float32 => 4,
        GgufValueType.UInt64 or GgufValueType.Int64 or GgufValueType.Float64 => 8,
        _ => throw Bad(key, $"of value type {(uint)type}", "0 to 12"),
    };

    private ReadOnlySpan<byte> Take(int bytes, string what, string part = "")
    {
        var at = Position;
        Skip(bytes, what, part);
        return file.Slice(at, bytes);
    }

    private ReadOnlySpan<byte> TakeLong(long bytes, string what)
        => bytes <= int.MaxValue ? Take((int)bytes, what) : throw Bad(what, $"a string of {bytes} bytes", "at most 2 GiB");

    private void Skip(long bytes, string what, string part = "")
    {
        if (bytes > Left) throw Bad(what + part, $"truncated after {Left} bytes", $"{bytes} bytes", "The file is truncated.");
        Position += bytes;
    }

    private SkTuningException Bad(string key, string found, string expected, string? advice = null)
        => SkTuningException.BadFile(file.Path, key, found, expected, advice);

    /// <summary>Decodes strict UTF-8: a replacement character could make two names equal.</summary>
    public static string Decode(MappedFile file, string what, ReadOnlySpan<byte> bytes)
    {
        try { return Utf8.GetString(bytes); }
        catch (ArgumentException e) { throw SkTuningException.BadFile(file.Path, what, "not UTF-8", "text in UTF-8", null, e); }
    }
}
