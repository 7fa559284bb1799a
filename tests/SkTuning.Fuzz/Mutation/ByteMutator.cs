using System.Buffers.Binary;
using System.Globalization;
using SkTuning.Fuzz.Running;

namespace SkTuning.Fuzz.Mutation;

/// <summary>Damages any file: bits, bytes, blocks, lengths, and the numbers that binary formats consist of.</summary>
internal sealed class ByteMutator : Mutator
{
    private static readonly byte[] Bytes = [0, 0xFF, 0x7F, 0x80, 1, (byte)'"', (byte)'{', (byte)'[', (byte)'\n'];

    private static readonly ulong[] Floats =
    [
        0x7FC00000, 0x7F800000, 0xFF800000, 0x7F7FFFFF, 0x00000001, 0x80000000,                                          // 32 bits
        0x7FF8000000000000, 0x7FF0000000000000, 0xFFF0000000000000, 0x7FEFFFFFFFFFFFFF,                                  // 64 bits
        0x7E00, 0x7C00, 0xFC00, 0x7BFF,                                                                                  // 16 bits
    ];

    public static ByteMutator Instance { get; } = new();

    public override byte[] Damage(byte[] content, Random64 random, List<string> log)
    {
        if (content.Length == 0) return [(byte)random.Next(256)];
        var bytes = (byte[])content.Clone();
        var at = Place(bytes.Length, random);
        var length = Math.Min(1 + random.Next(random.OneIn(4) ? 4096 : 32), bytes.Length - at);
        switch (random.Next(12))
        {
            case 0:
                bytes[at] ^= (byte)(1 << random.Next(8));
                log.Add(Text($"bit of byte {at} flipped"));
                return bytes;
            case 1:
                bytes[at] = random.Pick(Bytes);
                log.Add(Text($"byte {at} set to {bytes[at]}"));
                return bytes;
            case 2:
                log.Add(Text($"truncated to {at} bytes"));
                return bytes[..at];
            case 3:
                var more = new byte[1 + random.Next(5000)];
                if (random.OneIn(2)) for (var i = 0; i < more.Length; i++) more[i] = (byte)random.Next(256);
                log.Add(Text($"extended by {more.Length} bytes"));
                return [.. bytes, .. more];
            case 4:
                log.Add(Text($"bytes {at} to {at + length} removed"));
                return [.. bytes[..at], .. bytes[(at + length)..]];
            case 5:
                log.Add(Text($"bytes {at} to {at + length} repeated"));
                return [.. bytes[..(at + length)], .. bytes[at..]];
            case 6:
                var to = Place(bytes.Length, random);
                length = Math.Min(length, bytes.Length - to);
                var block = bytes.AsSpan(at, length).ToArray();
                if (random.OneIn(2)) bytes.AsSpan(to, length).CopyTo(bytes.AsSpan(at));
                block.CopyTo(bytes, to);
                log.Add(Text($"bytes {at} to {at + length} written at {to}"));
                return bytes;
            case 7:
                bytes.AsSpan(at, length).Fill(random.Pick(Bytes));
                log.Add(Text($"bytes {at} to {at + length} set to {bytes[at]}"));
                return bytes;
            case 8:
                var pattern = random.Pick(Floats);
                if (random.OneIn(2)) at -= at % 4;
                Write(bytes, at, pattern, pattern > uint.MaxValue ? 8 : pattern > ushort.MaxValue || pattern == 1 ? 4 : 2);
                log.Add(Text($"floating-point pattern {pattern:x} at {at}"));
                return bytes;
            default:
                var width = 1 << (1 + random.Next(3));
                var value = Boundary(random, bytes, at, width);
                Write(bytes, at, value, width);
                log.Add(Text($"{width * 8}-bit number {value} at {at}"));
                return bytes;
        }
    }

    /// <summary>Chooses a number at which something ends: zero, the greatest, the size of the file, or one beside the number that is there.</summary>
    private static ulong Boundary(Random64 random, byte[] bytes, int at, int width)
    {
        Span<byte> eight = stackalloc byte[8];
        bytes.AsSpan(at, Math.Min(width, bytes.Length - at)).CopyTo(eight);
        var there = BinaryPrimitives.ReadUInt64LittleEndian(eight);
        return random.Next(14) switch
        {
            0 => 0,
            1 => ulong.MaxValue,
            2 => long.MaxValue,
            3 => 1UL << 63,
            4 => int.MaxValue,
            5 => 1UL << 31,
            6 => uint.MaxValue,
            7 => (ulong)bytes.Length,
            8 => (ulong)bytes.Length - 1,
            9 => (ulong)bytes.Length + 1,
            10 => there + 1,
            11 => there - 1,
            12 => there * 2,
            _ => 1UL << random.Next(64),
        };
    }

    /// <summary>Half of the places are near the start or the end, where formats keep their headers.</summary>
    private static int Place(int length, Random64 random) => random.Next(4) switch
    {
        0 => random.Next(Math.Min(length, 512)),
        1 => length - 1 - random.Next(Math.Min(length, 512)),
        _ => random.Next(length),
    };

    private static void Write(byte[] bytes, int at, ulong value, int width)
    {
        Span<byte> whole = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(whole, value);
        whole[..Math.Min(width, bytes.Length - at)].CopyTo(bytes.AsSpan(at));
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
