using System.Runtime.InteropServices;
using System.Text;
using static System.Buffers.Binary.BinaryPrimitives;

namespace SkTuning.Native;

/// <summary>
/// Reads the headers of an ELF64 file without loading it: to load a file that is shorter than its headers say ends the process with a bus error, which cannot
/// be caught.
/// </summary>
internal sealed class ElfFile
{
    private const uint Magic = 0x464C457F, NoBits = 8, DynamicSymbols = 11, VersionSymbols = 0x6fffffff, VersionDefinitions = 0x6ffffffd, Load = 1;
    private const int HeaderSize = 64, MaxTable = 1 << 20;

    private readonly FileStream _file;
    private readonly byte[] _header = new byte[HeaderSize];

    private ElfFile(FileStream file)
    {
        _file = file;
        file.ReadExactly(_header);
    }

    /// <summary>Returns what is wrong with a file, as the end of "The file…"; null if it can be loaded as far as its headers show.</summary>
    public static string? Fault(string path) => Of(path, file => file.FaultOf());

    /// <summary>Returns the names of the symbols that a library needs from others and that have no version, such as those of libtorch.</summary>
    public static IReadOnlyList<string> NeededSymbols(string path) => Of(path, file => file.Needed());

    /// <summary>Returns the names of the versions that a library defines, for example GLIBCXX_3.4.30.</summary>
    public static IReadOnlyList<string> Versions(string path) => Of(path, file => file.Defined());

    private static T Of<T>(string path, Func<ElfFile, T> read)
    {
        using var file = File.OpenRead(path);
        if (file.Length >= HeaderSize) return read(new(file));
        if (typeof(T) == typeof(string))
            return (T)(object)FormattableString.Invariant($"has {file.Length:N0} bytes, which is less than the header of a library");
        throw new EndOfStreamException($"{path} is shorter than an ELF header.");
    }

    private string? FaultOf()
    {
        if (ReadUInt32LittleEndian(_header) != Magic) return "is not a Linux library (no ELF header)";
        if (_header[4] != 2 || _header[5] != 1) return "is not a library for 64-bit little-endian systems";
        ushort? expected = RuntimeInformation.ProcessArchitecture switch { Architecture.X64 => 62, Architecture.Arm64 => 183, _ => null };
        if (expected is { } machine && U16(_header, 18) != machine)
            return $"is a library for another processor (ELF machine {U16(_header, 18)}, not {machine})";
        var needed = Math.Max(
            Table(0x28, 0x3A, 0x3C, s => U32(s, 4) == NoBits ? 0 : U64(s, 0x18) + U64(s, 0x20)),
            Table(0x20, 0x36, 0x38, p => U32(p, 0) == Load ? U64(p, 8) + U64(p, 0x20) : 0));
        if (needed < 0) return "has headers that contradict each other";
        if (needed <= _file.Length) return null;
        return FormattableString.Invariant($"has {_file.Length:N0} bytes, but its headers need {needed:N0}");
    }

    /// <summary>The end of a table of headers or of what the headers describe, whichever is later; negative if the numbers overflow.</summary>
    private long Table(int offsetAt, int sizeAt, int countAt, Func<byte[], long> end)
    {
        var (at, size, count) = (U64(_header, offsetAt), U16(_header, sizeAt), U16(_header, countAt));
        if (count == 0) return 0;
        if (at < 0 || size < 56) return -1;
        var last = at + (long)size * count;
        if (last > _file.Length) return last;
        for (var i = 0; i < count; i++)
        {
            var one = end(Read(at + (long)i * size, size));
            if (one < 0) return -1;
            last = Math.Max(last, one);
        }
        return last;
    }

    private List<string> Needed()
    {
        var sections = Sections();
        if (sections.Find(s => U32(s, 4) == DynamicSymbols) is not { } table) return [];
        var (symbols, strings) = (Content(table), Content(sections[(int)U32(table, 0x28)]));
        var versions = sections.Find(s => U32(s, 4) == VersionSymbols) is { } v ? Content(v) : null;
        var names = new List<string>();
        for (var i = 0; i + 24 <= symbols.Length; i += 24)
        {
            const int weak = 2, global = 1;
            if (U16(symbols, i + 6) != 0 || symbols[i + 4] >> 4 == weak) continue;                    // defined here, or may be absent
            if (versions is not null && (U16(versions, i / 12) & 0x7FFF) > global) continue;
            if (Text(strings, (int)U32(symbols, i)) is { Length: > 0 } name) names.Add(name);
        }
        return names;
    }

    private List<string> Defined()
    {
        var sections = Sections();
        if (sections.Find(s => U32(s, 4) == VersionDefinitions) is not { } table) return [];
        var (content, strings) = (Content(table), Content(sections[(int)U32(table, 0x28)]));
        var names = new List<string>();
        var (at, left) = (0L, U32(table, 0x2C));
        for (; left > 0 && at + 20 <= content.Length; left--, at += U32(content, (int)at + 16))
        {
            var name = at + U32(content, (int)at + 12);
            if (name + 8 <= content.Length) names.Add(Text(strings, (int)U32(content, (int)name)));
        }
        return names;
    }

    private List<byte[]> Sections()
    {
        var (at, size, count) = (U64(_header, 0x28), U16(_header, 0x3A), U16(_header, 0x3C));
        return [.. Enumerable.Range(0, count).Select(i => Read(at + (long)i * size, size))];
    }

    private byte[] Content(byte[] section) => Read(U64(section, 0x18), checked((int)U64(section, 0x20)));

    private byte[] Read(long at, int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, 64 * MaxTable);
        var bytes = new byte[length];
        _file.Position = at;
        _file.ReadExactly(bytes);
        return bytes;
    }

    private static string Text(byte[] strings, int at)
    {
        var rest = strings.AsSpan(at);
        return Encoding.ASCII.GetString(rest[..Math.Max(0, rest.IndexOf((byte)0))]);
    }

    private static long U64(byte[] b, int at) => (long)ReadUInt64LittleEndian(b.AsSpan(at));
    private static uint U32(byte[] b, int at) => ReadUInt32LittleEndian(b.AsSpan(at));
    private static ushort U16(byte[] b, int at) => ReadUInt16LittleEndian(b.AsSpan(at));
}
