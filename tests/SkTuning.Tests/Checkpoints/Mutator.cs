using System.Buffers.Binary;

namespace SkTuning.Tests.Checkpoints;

/// <summary>Damages a file in ways that occur by accident and in ways of an attacker. The same seed gives the same damage everywhere.</summary>
internal sealed class Mutator(ulong seed)
{
    private static readonly ulong[] Interesting =
    [
        0, 1, 2, 7, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff,
        1UL << 32, 1UL << 40, 1UL << 62, long.MaxValue, 1UL << 63, ulong.MaxValue,
    ];

    private ulong _state = seed * 0x9E3779B97F4A7C15 + 1;

    /// <summary>Returns a damaged copy. <paramref name="header"/> is the number of most important bytes: at the start, or at the end if negative.</summary>
    public byte[] Damage(byte[] file, int header)
    {
        var bytes = (byte[])file.Clone();
        for (var times = Next(3) == 0 ? 2 + Next(2) : 1; times > 0; times--)
        {
            if (bytes.Length == 0) return bytes;
            var at = Place(bytes.Length, header);
            switch (Next(9))
            {
                case 0: bytes[at] ^= (byte)(1 << Next(8)); break;
                case 1: bytes[at] = (byte)Next(256); break;
                case 2 or 3: Overwrite(bytes, at, Interesting[Next(Interesting.Length)], 1 << Next(4)); break;
                case 4: bytes = bytes[..at]; break;
                case 5: bytes = [.. bytes[..at], .. bytes[Math.Min(bytes.Length, at + 1 + Next(16))..]]; break;
                case 6: bytes = [.. bytes[..at], .. bytes[at..Math.Min(bytes.Length, at + 1 + Next(64))], .. bytes[at..]]; break;
                case 7:
                    var from = Place(bytes.Length, header);
                    var length = Math.Min(1 + Next(16), bytes.Length - Math.Max(from, at));
                    bytes.AsSpan(from, length).ToArray().CopyTo(bytes, at);
                    break;
                // A digit of a JSON header, a letter of a name.
                default: bytes[at] = (byte)"0123456789-,:[]{}\"eE.FBI_/\n"[Next(27)]; break;
            }
        }
        return bytes;
    }

    private static void Overwrite(byte[] bytes, int at, ulong value, int width)
    {
        Span<byte> whole = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(whole, value);
        whole[..Math.Min(width, bytes.Length - at)].CopyTo(bytes.AsSpan(at));
    }

    private int Place(int length, int header)
    {
        if (Next(8) == 0) return Next(length);
        var near = Next(Math.Min(length, Math.Abs(header)));
        return header >= 0 ? near : length - 1 - near;
    }

    public int Next(int below)
    {
        _state ^= _state << 13;
        _state ^= _state >> 7;
        _state ^= _state << 17;
        return (int)((_state >> 11) % (ulong)below);
    }
}
