using System.Text;
using static System.Buffers.Binary.BinaryPrimitives;

namespace SkTuning.Native;

/// <summary>
/// Marks one required symbol version of an ELF64 file as weak. TorchSharp 0.107.0 requires GLIBCXX_3.4.32 only because of the marker symbol
/// <c>std::ios_base_library_init</c>, which no relocation uses; with a weak requirement, older systems can load the file.
/// </summary>
internal static class ElfVersionNeed
{
    private const uint Magic = 0x464C457F, VersionNeedSection = 0x6ffffffe;
    private const ushort Weak = 2;

    /// <summary>Returns true if the file required the version, which is weak now; false for any other file, which is unchanged.</summary>
    public static bool Weaken(Span<byte> elf, string version)
    {
        if (elf.Length < 64 || ReadUInt32LittleEndian(elf) != Magic || elf[4] != 2 || elf[5] != 1) return false;
        var wanted = Encoding.ASCII.GetBytes(version + "\0");
        long sections = U64(elf, 0x28);
        int size = U16(elf, 0x3A), count = U16(elf, 0x3C);
        var found = false;
        for (var s = 0; s < count; s++)
        {
            var section = sections + (long)s * size;
            if (U32(elf, section + 4) != VersionNeedSection) continue;
            var need = U64(elf, section + 0x18);
            var strings = U64(elf, sections + U32(elf, section + 0x28) * (long)size + 0x18);
            for (var n = U32(elf, section + 0x2C); n > 0; n--)
            {
                var entry = need + U32(elf, need + 8);
                for (var e = U16(elf, need + 2); e > 0; e--, entry += U32(elf, entry + 12))
                {
                    if (!elf[(int)(strings + U32(elf, entry + 8))..].StartsWith(wanted)) continue;
                    WriteUInt16LittleEndian(elf[(int)(entry + 4)..], (ushort)(U16(elf, entry + 4) | Weak));
                    found = true;
                }
                need += U32(elf, need + 12);
            }
        }
        return found;
    }

    private static long U64(ReadOnlySpan<byte> b, long at) => (long)ReadUInt64LittleEndian(b[(int)at..]);
    private static uint U32(ReadOnlySpan<byte> b, long at) => ReadUInt32LittleEndian(b[(int)at..]);
    private static ushort U16(ReadOnlySpan<byte> b, long at) => ReadUInt16LittleEndian(b[(int)at..]);
}
