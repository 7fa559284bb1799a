using System.Buffers.Binary;

namespace SkTuning.Tokenizers.Sources;

/// <summary>Reads protobuf messages field by field: numbers, length-prefixed fields and 4-byte floats. Every length is checked against the message.</summary>
internal ref struct ProtoReader(ReadOnlySpan<byte> bytes, string file)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _at;

    /// <summary>The number of the current field.</summary>
    public int Field { get; private set; }

    /// <summary>The value of the current field if it is a number.</summary>
    public ulong Number { get; private set; }

    /// <summary>The value of the current field if it is text, bytes or a message.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary>The value of the current field if it is a float.</summary>
    public float Float { get; private set; }

    public bool Next()
    {
        if (_at >= _bytes.Length) return false;
        var key = Varint();
        Field = (int)Math.Min(key >> 3, int.MaxValue);
        Number = 0;
        Bytes = default;
        Float = 0;
        switch (key & 7)
        {
            case 0: Number = Varint(); break;
            case 1: Take(8); break;
            case 2: Bytes = Take(Varint()); break;
            case 5: Float = BinaryPrimitives.ReadSingleLittleEndian(Take(4)); break;
            default: throw Bad($"a field of wire type {key & 7}");
        }
        return true;
    }

    private ulong Varint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            if (_at >= _bytes.Length) throw Bad("a truncated number");
            var b = _bytes[_at++];
            value |= (ulong)(b & 127) << shift;
            if (b < 128) return value;
        }
        throw Bad("a number of more than 64 bits");
    }

    private ReadOnlySpan<byte> Take(ulong count)
    {
        if (count > (ulong)(_bytes.Length - _at)) throw Bad("a truncated field");
        var taken = _bytes.Slice(_at, (int)count);
        _at += (int)count;
        return taken;
    }

    private readonly SkTuningException Bad(string found)
        => SkTuningException.BadFile(file, null, found, "a SentencePiece model", "The file is damaged or not a SentencePiece model.");
}
