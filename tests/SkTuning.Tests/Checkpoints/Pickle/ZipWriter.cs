using System.IO.Compression;
using System.Text;

namespace SkTuning.Tests.Checkpoints.Pickle;

/// <summary>
/// Writes a zip file like torch.save: uncompressed entries, each with its content at a multiple of 64 (by an extra field), and zip64 fields on request.
/// </summary>
internal sealed class ZipWriter
{
    private readonly MemoryStream _stream = new();
    private readonly BinaryWriter _writer;
    private readonly List<Action> _directory = [];

    public ZipWriter() => _writer = new(_stream);

    public bool Deflate { get; init; }
    public bool Zip64 { get; init; }
    public int Alignment { get; init; } = 64;

    public void Add(string name, byte[] content)
    {
        var stored = Deflate ? Deflated(content) : content;
        var (local, nameBytes, method) = ((uint)_stream.Position, Encoding.UTF8.GetBytes(name), (ushort)(Deflate ? 8 : 0));
        var crc = Crc(content);
        var padding = (int)((Alignment - (local + 30 + nameBytes.Length + 4) % Alignment) % Alignment);
        _writer.Write(0x04034b50u);
        Common(method, crc, (uint)stored.Length, (uint)content.Length);
        _writer.Write((ushort)nameBytes.Length);
        _writer.Write((ushort)(4 + padding));
        _writer.Write(nameBytes);
        _writer.Write((ushort)0x4246);                                        // "FB", as torch names its padding
        _writer.Write((ushort)padding);
        _writer.Write(new byte[padding]);
        _writer.Write(stored);
        _directory.Add(() =>
        {
            _writer.Write(0x02014b50u);
            _writer.Write((ushort)20);
            Common(method, crc, Zip64 ? uint.MaxValue : (uint)stored.Length, Zip64 ? uint.MaxValue : (uint)content.Length);
            _writer.Write((ushort)nameBytes.Length);
            _writer.Write((ushort)(Zip64 ? 28 : 0));
            _writer.Write(new byte[10]);
            _writer.Write(Zip64 ? uint.MaxValue : local);
            _writer.Write(nameBytes);
            if (!Zip64) return;
            _writer.Write((ushort)1);
            _writer.Write((ushort)24);
            _writer.Write((ulong)content.Length);
            _writer.Write((ulong)stored.Length);
            _writer.Write((ulong)local);
        });
    }

    public byte[] ToArray()
    {
        var start = _stream.Position;
        foreach (var write in _directory) write();
        var size = _stream.Position - start;
        if (Zip64)
        {
            var end = _stream.Position;
            _writer.Write(0x06064b50u);
            _writer.Write(44UL);
            _writer.Write(new byte[12]);
            _writer.Write((ulong)_directory.Count);
            _writer.Write((ulong)_directory.Count);
            _writer.Write((ulong)size);
            _writer.Write((ulong)start);
            _writer.Write(0x07064b50u);
            _writer.Write(0u);
            _writer.Write((ulong)end);
            _writer.Write(1u);
        }
        _writer.Write(0x06054b50u);
        _writer.Write(0u);
        _writer.Write((ushort)(Zip64 ? ushort.MaxValue : _directory.Count));
        _writer.Write((ushort)(Zip64 ? ushort.MaxValue : _directory.Count));
        _writer.Write(Zip64 ? uint.MaxValue : (uint)size);
        _writer.Write(Zip64 ? uint.MaxValue : (uint)start);
        _writer.Write((ushort)0);
        return _stream.ToArray();
    }

    private void Common(ushort method, uint crc, uint stored, uint bytes)
    {
        _writer.Write((ushort)20);
        _writer.Write((ushort)0);
        _writer.Write(method);
        _writer.Write(0u);
        _writer.Write(crc);
        _writer.Write(stored);
        _writer.Write(bytes);
    }

    private static byte[] Deflated(byte[] content)
    {
        var stream = new MemoryStream();
        using (var deflate = new DeflateStream(stream, CompressionLevel.Optimal)) deflate.Write(content);
        return stream.ToArray();
    }

    private static uint Crc(byte[] content)
    {
        var crc = uint.MaxValue;
        foreach (var b in content)
        {
            crc ^= b;
            for (var i = 0; i < 8; i++) crc = crc >> 1 ^ (0xEDB88320 & (uint)-(crc & 1));
        }
        return ~crc;
    }
}
