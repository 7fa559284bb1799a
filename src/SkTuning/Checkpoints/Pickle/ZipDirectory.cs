using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace SkTuning.Checkpoints.Pickle;

/// <summary>
/// The directory at the end of a zip file, with the position of each entry's bytes, which mapping needs: .NET's own reader does not report it.
/// Format: PKWARE's APPNOTE.TXT, sections 4.3 and 4.5.3 (zip64).
/// </summary>
internal sealed class ZipDirectory
{
    /// <summary>One entry.</summary>
    /// <param name="Offset">The offset of its first stored byte in the file.</param>
    /// <param name="Stored">The number of bytes in the file.</param>
    /// <param name="Bytes">The number of bytes of the content.</param>
    /// <param name="Compressed">Whether it is compressed, by deflate.</param>
    public readonly record struct Entry(long Offset, long Stored, long Bytes, bool Compressed);

    private const uint EndMagic = 0x06054b50, End64Magic = 0x06064b50, Locator64Magic = 0x07064b50, HeaderMagic = 0x02014b50, LocalMagic = 0x04034b50;
    private const int EndSize = 22, HeaderSize = 46, LocalSize = 30;

    private readonly MappedFile _file;
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    public ZipDirectory(MappedFile file)
    {
        _file = file;
        var (at, count, size) = End();
        if (at < 0 || size < 0 || at > file.Length - size || count < 0 || count > size / HeaderSize)
            throw Bad(null, $"a zip directory of {count} entries in {size} bytes at {at}", $"one inside the file's {file.Length} bytes");
        for (long i = 0; i < count; i++) at += Read(at);
    }

    public IReadOnlyDictionary<string, Entry> Entries => _entries;

    /// <summary>Reads the content of a small entry.</summary>
    public byte[] Content(string name, long maxBytes)
    {
        var entry = _entries[name];
        if (entry.Bytes > maxBytes) throw Bad(name, $"{entry.Bytes} bytes", $"at most {maxBytes}");
        if (!entry.Compressed) return _file.Slice(entry.Offset, (int)entry.Bytes).ToArray();
        var content = new byte[entry.Bytes];
        unsafe
        {
            byte none = 0;
            fixed (byte* start = content) Expand(name, start is null ? &none : start);
        }
        return content;
    }

    /// <summary>Expands a compressed entry into memory of exactly its size.</summary>
    public unsafe void Expand(string name, byte* to)
    {
        var entry = _entries[name];
        using var from = Open(entry);
        try
        {
            for (long done = 0; done < entry.Bytes;)
            {
                var now = (int)Math.Min(1 << 20, entry.Bytes - done);
                from.ReadExactly(new Span<byte>(to + done, now));
                done += now;
            }
            if (from.ReadByte() >= 0) throw Bad(name, "longer than its size in the directory", $"{entry.Bytes} bytes");
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException) { throw Bad(name, "damaged", "a deflated entry", e); }
    }

    private unsafe DeflateStream Open(Entry entry)
    {
        _file.Slice(entry.Offset, 0);
        return new(new UnmanagedMemoryStream(_file.Start + entry.Offset, entry.Stored), CompressionMode.Decompress);
    }

    private (long At, long Count, long Size) End()
    {
        // The end record is last, except for a comment of at most 65,535 bytes.
        for (var at = _file.Length - EndSize; at >= 0 && at >= _file.Length - EndSize - ushort.MaxValue; at--)
        {
            if (U32(at) != EndMagic) continue;
            long count = U16(at + 10), size = U32(at + 12), start = U32(at + 16);
            if (at >= 20 && U32(at - 20) == Locator64Magic)
            {
                var end64 = U64(at - 12);
                if (end64 < 0 || end64 > _file.Length - 56 || U32(end64) != End64Magic)
                    throw Bad(null, "no zip64 end record at its position", "a complete zip file");
                (count, size, start) = (U64(end64 + 32), U64(end64 + 40), U64(end64 + 48));
            }
            return (start, count, size);
        }
        throw Bad(null, "a zip file without its directory", "a complete file: this one is truncated");
    }

    /// <summary>Reads the directory's entry at <paramref name="at"/> and returns its length.</summary>
    private long Read(long at)
    {
        if (at > _file.Length - HeaderSize || U32(at) != HeaderMagic) throw Bad(null, $"no entry of the zip directory at {at}", "an entry");
        int flags = U16(at + 8), method = U16(at + 10), nameLength = U16(at + 28), extraLength = U16(at + 30), commentLength = U16(at + 32);
        long stored = U32(at + 20), bytes = U32(at + 24), local = U32(at + 42);
        var length = (long)HeaderSize + nameLength + extraLength + commentLength;
        if (length > _file.Length - at) throw Bad(null, $"an entry of {length} bytes in the zip directory at {at}", "an entry inside the file");
        var name = Encoding.UTF8.GetString(_file.Slice(at + HeaderSize, nameLength));
        Zip64(at + HeaderSize + nameLength, extraLength, ref bytes, ref stored, ref local);
        if ((flags & 1) != 0) throw Bad(name, "encrypted", "a plain entry");
        if (method is not (0 or 8)) throw Bad(name, $"compressed by method {method}", "stored or deflated");
        if (local < 0 || local > _file.Length - LocalSize || U32(local) != LocalMagic)
            throw Bad(name, $"at {local}, where there is no entry", "an entry of the zip file");
        var data = local + LocalSize + U16(local + 26) + U16(local + 28);
        if (stored < 0 || bytes < 0 || data > _file.Length || stored > _file.Length - data || method == 0 && stored != bytes)
            throw Bad(name, $"{stored} bytes at {data}", $"a position inside the file's {_file.Length} bytes");
        // No real tensor compresses better; a zip bomb does.
        if (bytes > (16L << 20) + 16 * _file.Length) throw Bad(name, $"{bytes} bytes compressed to {stored}", "at most 16 times the file");
        if (!_entries.TryAdd(name, new(data, stored, bytes, method == 8))) throw Bad(name, "a duplicate name", "one entry of that name");
        return length;
    }

    /// <summary>Sizes that do not fit 32 bits are in an extra field, in this order.</summary>
    private void Zip64(long at, int length, ref long bytes, ref long stored, ref long local)
    {
        for (var end = at + length; at + 4 <= end;)
        {
            int id = U16(at), size = U16(at + 2);
            if (size > end - at - 4) return;
            if (id == 1)
            {
                var (next, last) = (at + 4, at + 4 + size);
                Take(ref bytes);
                Take(ref stored);
                Take(ref local);
                return;

                void Take(ref long field)
                {
                    if (field != uint.MaxValue || next + 8 > last) return;
                    field = U64(next);
                    next += 8;
                }
            }
            at += 4 + size;
        }
    }

    private ushort U16(long at) => BinaryPrimitives.ReadUInt16LittleEndian(_file.Slice(at, 2));
    private uint U32(long at) => BinaryPrimitives.ReadUInt32LittleEndian(_file.Slice(at, 4));
    private long U64(long at) => BinaryPrimitives.ReadInt64LittleEndian(_file.Slice(at, 8));

    private SkTuningException Bad(string? entry, string found, string expected, Exception? cause = null)
        => SkTuningException.BadFile(_file.Path, entry, found, expected, null, cause);
}
