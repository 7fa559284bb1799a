using System.Runtime.CompilerServices;

namespace SkTuning.Checkpoints.Gguf;

/// <summary>
/// Blocks of 32 values to fp32, one value at a time: what the layouts mean, and the fallback where there are no vectors. In each product at most one
/// factor is a half and the rest are small whole numbers, so it fits fp32's 24 bits: there is at most one rounding in a value, as in ggml's own code.
/// </summary>
internal static unsafe class ScalarBlocks
{
    private static ReadOnlySpan<sbyte> NonLinear => [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113];

    /// <summary>Twice the values of a 4-bit float (E2M1).</summary>
    private static ReadOnlySpan<sbyte> TwiceE2M1 => [0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12];

    /// <summary>An fp16 number. Its exponent is too small by 2^112 in fp32's place: a product sets that right, exactly, and what fp16 holds below its normal range with it. The runtime's own cast is not inlined: it took a tenth of the time that a GGUF file takes to load.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Half(byte* at)
    {
        const uint Sign = 0x8000, Exponent = 0x7C00;
        uint bits = *(ushort*)at;
        if ((bits & Exponent) == Exponent) return (float)*(Half*)at;                                        // infinite, or no number
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

    /// <summary>Scale; 16 bytes with value i in the low and value i+16 in the high half, 8 less than written.</summary>
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

    /// <summary>As Q4_0, with a smallest value in place of the -8.</summary>
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

    /// <summary>As Q4_0 with a fifth bit per value, all 32 together behind the scale.</summary>
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

    /// <summary>As Q8_0; the second half is the sum of the block, which nothing here needs.</summary>
    public static void Q8_1(byte* from, float* to, long blocks)
    {
        for (; blocks > 0; blocks--, from += 36, to += 32)
        {
            var d = Half(from);
            for (var i = 0; i < 32; i++) to[i] = (sbyte)from[4 + i] * d;
        }
    }

    /// <summary>As Q4_0, the four bits being an index into sixteen unevenly spread numbers.</summary>
    public static void IQ4_NL(byte* from, float* to, long blocks)
    {
        for (; blocks > 0; blocks--, from += 18, to += 32)
        {
            var d = Half(from);
            Indexed(from + 2, NonLinear, d, to);
        }
    }

    /// <summary>As Q4_0, the four bits being a float (E2M1), the scale a power of two (E8M0).</summary>
    public static void MXFP4(byte* from, float* to, long blocks)
    {
        for (; blocks > 0; blocks--, from += 17, to += 32)
        {
            int e = from[0];
            // Half of 2^(e-127), because the numbers are doubled; the two smallest are subnormal.
            var d = BitConverter.Int32BitsToSingle(e < 2 ? 0x00200000 << e : e - 1 << 23);
            Indexed(from + 1, TwiceE2M1, d, to);
        }
    }

    /// <summary>256 values in 8 pieces with a scale of 6 bits each.</summary>
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
