using System.Text;

namespace SkTuning.Data.Parquet;

/// <summary>
/// Reads a structure in Thrift's compact protocol and checks every byte of it: types, lengths, and nesting. Parquet.Net does not check them, and a changed
/// byte can make it read a list of two thousand million elements past the end of the file.
/// </summary>
internal sealed class ThriftWalker(byte[] data, int end)
{
    private const int MaxDepth = 32, True = 1, False = 2, ListCode = 9, SetCode = 10, MapCode = 11, StructCode = 12;

    /// <summary>Called when a structure begins (field 0) and for each of its numbers, flags, and strings.</summary>
    public Action<ThriftStruct, int, long, ReadOnlyMemory<byte>>? Found { get; init; }

    /// <summary>The position after what was read.</summary>
    public int At { get; private set; }

    /// <exception cref="InvalidDataException">The bytes are not such a structure.</exception>
    public void Read(ThriftStruct type, int start = 0)
    {
        At = start;
        Structure(type, 0);
    }

    private void Structure(ThriftStruct? type, int depth)
    {
        if (depth > MaxDepth) throw Bad("it is nested too deeply");
        if (type is not null) Found?.Invoke(type, 0, 0, default);
        var (id, seen) = (0, 0ul);
        while (true)
        {
            var header = Byte();
            if (header == 0) break;
            id = header >> 4 is var step and > 0 ? id + step : Number(16);
            if (id is < 1 or > short.MaxValue) throw Bad($"field {id} does not exist");
            if (id < 64 && (seen & (1ul << id)) != 0) throw Bad($"field {id} of a {type?.Name} occurs twice");
            if (id < 64) seen |= 1ul << id;
            var (code, expected) = (header & 15, type?.Type(id));
            if (expected is not null && Plain(code) != expected.Code) throw Bad($"field {id} of a {type!.Name} has the type {code}");
            Value(code, expected, type, id, depth);
        }
        foreach (var required in type?.Required ?? [])
            if ((seen & (1ul << required)) == 0) throw Bad($"field {required} of a {type!.Name} is missing");
    }

    private void Value(int code, ThriftType? type, ThriftStruct? parent, int id, int depth)
    {
        var (number, bytes) = (0L, default(ReadOnlyMemory<byte>));
        switch (code)
        {
            case True or False: number = code == True ? 1 : 0; break;
            case 3: number = Byte(); break;
            case 4: number = Number(16); break;
            case 5: number = Number(32); break;
            case 6: number = ZigZag(Varint(10)); break;
            case 7: _ = Bytes(8); break;
            case 8: bytes = Bytes(Length()); break;
            case ListCode or SetCode: List(type?.Element, parent, id, depth + 1); return;
            case MapCode: Map(depth + 1); return;
            case StructCode: Structure(type?.Struct, depth + 1); return;
            default: throw Bad($"the type {code} does not exist");
        }
        if (parent is not null && type is not null) Found?.Invoke(parent, id, number, bytes);
    }

    private void List(ThriftType? element, ThriftStruct? parent, int id, int depth)
    {
        if (depth > MaxDepth) throw Bad("it is nested too deeply");
        var header = Byte();
        var (count, code) = (header >> 4, header & 15);
        if (count == 15) count = Length();
        if (count > end - At) throw Bad($"a list of {count} elements is longer than the rest of the data");   // an element has at least one byte
        if (count > 0 && element is not null && Plain(code) != element.Code) throw Bad($"a list of a {parent?.Name} has elements of the type {code}");
        for (var i = 0; i < count; i++)
        {
            if (code is True or False) _ = Byte();
            else Value(code, element, element is null ? null : parent, id, depth);
        }
    }

    private void Map(int depth)
    {
        if (depth > MaxDepth) throw Bad("it is nested too deeply");
        var count = Length();
        if (count == 0) return;
        if (count > end - At) throw Bad($"a map of {count} entries is longer than the rest of the data");
        var codes = Byte();
        for (var i = 0; i < 2 * count; i++) Value(i % 2 == 0 ? codes >> 4 : codes & 15, null, null, 0, depth);
    }

    private static int Plain(int code) => code == False ? True : code;

    private int Byte() => At < end ? data[At++] : throw Bad("it ends early");

    private ReadOnlyMemory<byte> Bytes(int count)
    {
        if (count > end - At) throw Bad($"a string of {count} bytes is longer than the rest of the data");
        At += count;
        return data.AsMemory(At - count, count);
    }

    private int Length() => Varint(5) is var length and <= int.MaxValue ? (int)length : throw Bad("a length is negative");

    private int Number(int bits)
    {
        var number = ZigZag(Varint(bits == 16 ? 3 : 5));
        var limit = 1L << (bits - 1);
        return number >= -limit && number < limit ? (int)number : throw Bad($"a number has more than {bits} bits");
    }

    private ulong Varint(int maxBytes)
    {
        var value = 0ul;
        for (var i = 0; i < maxBytes; i++)
        {
            var next = Byte();
            value |= (ulong)(next & 0x7F) << (7 * i);
            if (next < 0x80) return value;
        }
        throw Bad("a number has too many bytes");
    }

    private static long ZigZag(ulong value) => (long)(value >> 1) ^ -(long)(value & 1);

    private static InvalidDataException Bad(string what) => new($"its metadata is damaged: {what}");

    public static string Text(ReadOnlyMemory<byte> bytes)
    {
        try { return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes.Span); }
        catch (DecoderFallbackException e) { throw new InvalidDataException("its metadata is damaged: a name is not UTF-8", e); }
    }
}
