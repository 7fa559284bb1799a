using System.Runtime.CompilerServices;

namespace SkTuning.Checkpoints.Gguf;

/// <summary>
/// Expands blocks of 32 values to fp32, one value at a time: the reference for the layouts, and the fallback without vectors. In each product, at most one
/// factor is an fp16 value and the others are small integers, so it fits fp32's 24 bits: each value is rounded at most once, as in ggml's own code.
/// </summary>
internal static unsafe class ScalarBlocks
{
    private static ReadOnlySpan<sbyte> NonLinear => [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113];

    /// <summary>Twice the values of a 4-bit float (E2M1).</summary>
    private static ReadOnlySpan<sbyte> TwiceE2M1 => [0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12];

    /// <summary>
    /// Reads an fp16 value. Moved to fp32's position, its exponent is too small by 112; a multiplication by 2^112 corrects that exactly, for subnormal values
    /// too. The runtime's own cast is not inlined: it took a tenth of the time to load a GGUF file.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Half(byte* at)
    {
        const uint Sign = 0x8000, Exponent = 0x7C00;
        uint bits = *(ushort*)at;
        if ((bits & Exponent) == Exponent) return (float)*(Half*)at;          // infinity or NaN
        var size = BitConverter.UInt32BitsToSingle((bits & ~Sign) << 13) * 5192296858534827628530496329220096f;
        return BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(size) | (bits & Sign) << 16);
    }

    public static void F32(byte* from, float* to, long blocks) => Buffer.MemoryCopy(from, to, blocks * 4, blocks * 4);

    public static void F16(byte* from, float* to, long blocks)
    {
        for (long i = 0; i < blocks; i++) to[i] = Half(from + i * 2);
    }

    public static void BF16(byte* from, float* to, long blocks)
    {
        for (long i = 0; i < blocks; i++) to[i] = BitConverter.UInt32BitsToSingle((uint)*(ushort*)(from + i * 2) << 16);
    }

    /// <summary>The scale, then 16 bytes with value i in the low and value i+16 in the high four bits, stored plus 8.</summary>
    public static void Q4_0(byte* from, float* to, long blocks)
    {
        for (; blocks > 0; blocks--, from += 18, to += 32)
        {
            var d = Half(from);
            for (var i = 0; i < 16; i++)
            {
                to[i] = ((from[2 + i] & 15) - 8) * d;
                to[i + 16] = ((from[2 + i] >> 4) - 8) * d;
            }
        }
    }

    /// <summary>Like Q4_0, with a minimum instead of the -8.</summary>
    public static void Q4_1(byte* from, float* to, long blocks)
    {
        for (; blocks > 0; blocks--, from += 20, to += 32)
        {
            float d = Half(from), m = Half(from + 2);
            for (var i = 0; i < 16; i++)
            {
                to[i] = (from[4 + i] & 15) * d + m;
                to[i + 16] = (from[4 + i] >> 4) * d + m;
            }
        }
    }

    /// <summary>Like Q4_0, with a fifth bit per value; the 32 bits follow the scale.</summary>
    public static void Q5_0(byte* from, float* to, long blocks)
    {
        for (; blocks > 0; blocks--, from += 22, to += 32)
        {
            var d = Half(from);
            var high = *(uint*)(from + 2);
            for (var i = 0; i < 16; i++)
            {
                to[i] = ((int)(from[6 + i] & 15u | (high >> i & 1) << 4) - 16) * d;
                to[i + 16] = ((int)((uint)(from[6 + i] >> 4) | (high >> i + 16 & 1) << 4) - 16) * d;
            }
        }
    }

    public static void Q5_1(byte* from, float* to, long blocks)
    {
        for (; blocks > 0; blocks--, from += 24, to += 32)
        {
            float d = Half(from), m = Half(from + 2);
            var high = *(uint*)(from + 4);
            for (var i = 0; i < 16; i++)
            {
                to[i] = (int)(from[8 + i] & 15u | (high >> i & 1) << 4) * d + m;
                to[i + 16] = (int)((uint)(from[8 + i] >> 4) | (high >> i + 16 & 1) << 4) * d + m;
            }
        }
    }

    public static void Q8_0(byte* from, float* to, long blocks)
    {
        for (; blocks > 0; blocks--, from += 34, to += 32)
        {
            var d = Half(from);
            for (var i = 0; i < 32; i++) to[i] = (sbyte)from[2 + i] * d;
        }
    }

    /// <summary>Like Q8_0; the second fp16 value is the sum of the block, which is not needed here.</summary>
    public static void Q8_1(byte* from, float* to, long blocks)
    {
        for (; blocks > 0; blocks--, from += 36, to += 32)
        {
            var d = Half(from);
            for (var i = 0; i < 32; i++) to[i] = (sbyte)from[4 + i] * d;
        }
    }

    /// <summary>Like Q4_0, but the four bits are an index into sixteen unevenly spaced numbers.</summary>
    public static void IQ4_NL(byte* from, float* to, long blocks)
    {
        for (; blocks > 0; blocks--, from += 18, to += 32)
        {
            var d = Half(from);
            Indexed(from + 2, NonLinear, d, to);
        }
    }

    /// <summary>Like Q4_0, but the four bits are a float (E2M1) and the scale is a power of two (E8M0).</summary>
    public static void MXFP4(byte* from, float* to, long blocks)
    {
        for (; blocks > 0; blocks--, from += 17, to += 32)
        {
            int e = from[0];
            // Half of 2^(e-127), because the numbers are doubled; the two smallest scales are subnormal.
            var d = BitConverter.Int32BitsToSingle(e < 2 ? 0x00200000 << e : e - 1 << 23);
            Indexed(from + 1, TwiceE2M1, d, to);
        }
    }

    /// <summary>256 values in 8 pieces with a 6-bit scale each.</summary>
    public static void IQ4_XS(byte* from, float* to, long blocks)
    {
        for (; blocks > 0; blocks--, from += 136, to += 256)
        {
            var d = Half(from);
            int high = *(ushort*)(from + 2);
            for (var piece = 0; piece < 8; piece++)
            {
                var scale = from[4 + piece / 2] >> 4 * (piece % 2) & 15 | (high >> 2 * piece & 3) << 4;
                Indexed(from + 8 + 16 * piece, NonLinear, d * (scale - 32), to + 32 * piece);
            }
        }
    }

    private static void Indexed(byte* from, ReadOnlySpan<sbyte> numbers, float d, float* to)
    {
        for (var i = 0; i < 16; i++)
        {
            to[i] = numbers[from[i] & 15] * d;
            to[i + 16] = numbers[from[i] >> 4] * d;
        }
    }
}
