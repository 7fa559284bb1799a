using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Http;
using SkTuning.Adapters;
using SkTuning.Server.Http;

namespace SkTuning.Server.Storage;

/// <summary>Reads the two files of an adapter from a zip file in memory.</summary>
internal static class ZipUpload
{
    private const int MaxEntries = 64, EntryBytes = 46, EndBytes = 22, BufferBytes = 1 << 16;
    private const uint EntryMark = 0x02014b50, EndMark = 0x06054b50;

    /// <summary>Returns the files by their names, of which one may be missing.</summary>
    /// <param name="zip">The zip file.</param>
    /// <param name="maxBytes">The maximum size of both files together.</param>
    /// <exception cref="RefusedException">The zip file is damaged, has names that lead out of a folder, or expands to more than the maximum.</exception>
    public static Dictionary<string, ReadOnlyMemory<byte>> Read(ReadOnlyMemory<byte> zip, long maxBytes)
    {
        RefuseManyEntries(zip.Span);
        var files = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        try
        {
            using var archive = new ZipArchive(StreamOf(zip), ZipArchiveMode.Read);
            var left = maxBytes;
            foreach (var entry in archive.Entries)
            {
                if (NameOf(entry.FullName) is not { } name) continue;
                var content = Expand(entry, left);
                left -= content.Length;
                if (!files.TryAdd(name, content)) throw AdapterUpload.Bad($"The zip file has {name} twice.");
            }
        }
        catch (Exception e) when (e is InvalidDataException or IOException or NotSupportedException or ArgumentException)
        {
            throw new RefusedException(StatusCodes.Status400BadRequest, "The zip file is damaged, encrypted, or of a kind that is not supported.", e);
        }
        return files;
    }

    /// <summary>Returns which of the two files an entry is, in the zip file's root or in one folder; null for another file.</summary>
    private static string? NameOf(string path)
    {
        var parts = path.Split('/');
        if (path.Contains('\\') || path.Contains('\0') || path.Contains(':') || path.StartsWith('/') || parts.Contains("..") || parts.Contains("."))
            throw AdapterUpload.Bad("The zip file has a name that leads out of its folder.");
        return parts.Length <= 2 && parts[^1] is AdapterFolder.DefinitionFile or AdapterFolder.TensorFile ? parts[^1] : null;
    }

    /// <summary>Expands an entry. The size in the zip file's directory is only what the sender claims.</summary>
    private static ReadOnlyMemory<byte> Expand(ZipArchiveEntry entry, long maxBytes)
    {
        using var from = entry.Open();
        var (content, buffer) = (new MemoryStream(), new byte[BufferBytes]);
        while (from.Read(buffer) is > 0 and var read)
        {
            if (content.Length + read > maxBytes)
                throw new RefusedException(StatusCodes.Status413PayloadTooLarge, "The zip file expands to more than the maximum size of an adapter.");
            content.Write(buffer, 0, read);
        }
        return content.GetBuffer().AsMemory(0, (int)content.Length);
    }

    /// <summary>
    /// Counts the entries of the directory before .NET's reader makes an object for each: in a zip file of the maximum size, there is room for a million.
    /// </summary>
    private static void RefuseManyEntries(ReadOnlySpan<byte> zip)
    {
        var end = zip.Length < EndBytes ? -1 : zip.LastIndexOf(Mark(EndMark));
        if (end < 0 || end > zip.Length - EndBytes) throw AdapterUpload.Bad("The body is not a complete zip file.");
        // 0xFFFFFFFF refers to the records of zip64, which an adapter does not need.
        var start = BinaryPrimitives.ReadUInt32LittleEndian(zip[(end + 16)..]);
        if (start > end) throw AdapterUpload.Bad("The zip file is damaged, or of more than 4 GB.");
        var (at, entries) = ((int)start, 0);
        while (at <= end - EntryBytes && BinaryPrimitives.ReadUInt32LittleEndian(zip[at..]) == EntryMark)
        {
            if (++entries > MaxEntries) throw AdapterUpload.Bad($"The zip file has more than {MaxEntries} files.");
            at += EntryBytes + Length(zip, at + 28) + Length(zip, at + 30) + Length(zip, at + 32);
        }

        static int Length(ReadOnlySpan<byte> zip, int at) => BinaryPrimitives.ReadUInt16LittleEndian(zip[at..]);
    }

    private static MemoryStream StreamOf(ReadOnlyMemory<byte> zip)
        => MemoryMarshal.TryGetArray(zip, out var bytes) ? new(bytes.Array!, bytes.Offset, bytes.Count, writable: false) : new(zip.ToArray(), writable: false);

    private static byte[] Mark(uint mark)
    {
        var bytes = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, mark);
        return bytes;
    }
}
