using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace SkTuning.Tokenizers.Sources;

/// <summary>Writes messages in protobuf's wire format, which <see cref="ProtoReader"/> reads.</summary>
internal sealed class ProtoWriter
{
    private readonly ArrayBufferWriter<byte> _bytes = new();

    public byte[] Bytes => _bytes.WrittenSpan.ToArray();

    /// <summary>Writes a whole number. A negative number takes ten bytes, as an int32 of protobuf does.</summary>
    public ProtoWriter Number(int field, long value)
    {
        Varint((ulong)field << 3);
        Varint((ulong)value);
        return this;
    }

    public ProtoWriter Single(int field, float value)
    {
        Varint((ulong)field << 3 | 5);
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
        _bytes.Write(bytes);
        return this;
    }

    public ProtoWriter Text(int field, string value) => Block(field, Encoding.UTF8.GetBytes(value));

    public ProtoWriter Message(int field, ProtoWriter value) => Block(field, value.Bytes);

    private ProtoWriter Block(int field, byte[] value)
    {
        Varint((ulong)field << 3 | 2);
        Varint((ulong)value.Length);
        _bytes.Write(value);
        return this;
    }

    private void Varint(ulong value)
    {
        for (; value > 127; value >>= 7) _bytes.Write([(byte)(value | 128)]);
        _bytes.Write([(byte)value]);
    }
}
