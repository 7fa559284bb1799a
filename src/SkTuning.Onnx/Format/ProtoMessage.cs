using System.Text;
using Google.Protobuf;

namespace SkTuning.Onnx.Format;

/// <summary>
/// A protocol buffer message whose large values are produced only while it is written, so that a model is never in memory as a whole.
/// </summary>
internal sealed class ProtoMessage
{
    private readonly List<Field> _fields = [];

    /// <summary>The size of the content in bytes.</summary>
    public long Size => _fields.Sum(f => f.Size);

    /// <summary>Adds a whole number.</summary>
    public ProtoMessage Add(int field, long value)
        => Add(Tag(field) + CodedOutputStream.ComputeInt64Size(value), output =>
        {
            output.WriteTag(field, WireFormat.WireType.Varint);
            output.WriteInt64(value);
        });

    /// <summary>Adds a single-precision number.</summary>
    public ProtoMessage Add(int field, float value)
        => Add(Tag(field) + sizeof(float), output =>
        {
            output.WriteTag(field, WireFormat.WireType.Fixed32);
            output.WriteFloat(value);
        });

    /// <summary>Adds a text.</summary>
    public ProtoMessage Add(int field, string value)
    {
        var bytes = Encoding.UTF8.GetBytes(value);
        return Add(field, bytes.Length, stream => stream.Write(bytes));
    }

    /// <summary>Adds a message.</summary>
    public ProtoMessage Add(int field, ProtoMessage message)
    {
        var size = message.Size;
        return Add(field, size, message.WriteTo);
    }

    /// <summary>Adds bytes.</summary>
    /// <param name="field">The number of the field.</param>
    /// <param name="length">The number of bytes.</param>
    /// <param name="write">Writes them.</param>
    public ProtoMessage Add(int field, long length, Action<Stream> write)
    {
        _fields.Add(new(Tag(field) + CodedOutputStream.ComputeUInt64Size((ulong)length) + length, stream =>
        {
            Coded(stream, output =>
            {
                output.WriteTag(field, WireFormat.WireType.LengthDelimited);
                output.WriteUInt64((ulong)length);
            });
            write(stream);
        }));
        return this;
    }

    /// <summary>Writes the content.</summary>
    public void WriteTo(Stream stream)
    {
        foreach (var field in _fields) field.Write(stream);
    }

    private ProtoMessage Add(long size, Action<CodedOutputStream> write)
    {
        _fields.Add(new(size, stream => Coded(stream, write)));
        return this;
    }

    private static int Tag(int field) => CodedOutputStream.ComputeTagSize(field);

    private static void Coded(Stream stream, Action<CodedOutputStream> write)
    {
        using var output = new CodedOutputStream(stream, bufferSize: 32, leaveOpen: true);
        write(output);
    }

    private sealed record Field(long Size, Action<Stream> Write);
}
