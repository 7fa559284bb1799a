namespace SkTuning.Checkpoints.Gguf;

/// <summary>Expands blocks of 256 values ("K" and ternary types) to fp32, one value at a time. See <see cref="ScalarBlocks"/> for the rounding.</summary>
internal static unsafe class ScalarSuperBlocks
{
    /// <summary>16 scales and minimums of 4 bits, 2-bit values, and the two fp16 factors of the scales and minimums.</summary>
    public static void Q2_K(byte* from, float* to, long blocks)
    {
        for (; blocks > 0; blocks--, from += 84, to += 256)
        {
            float d = ScalarBlocks.Half(from + 80), dmin = ScalarBlocks.Half(from + 82);
            for (var piece = 0; piece < 16; piece++)
            {
                float scale = d * (from[piece] & 15), minimum = dmin * (from[piece] >> 4);
                var q = from + 16 + piece / 8 * 32 + piece % 2 * 16;
                var shift = piece % 8 / 2 * 2;
                for (var i = 0; i < 16; i++) to[piece * 16 + i] = scale * (q[i] >> shift & 3) - minimum;
            }
        }
    }

    /// <summary>A mask of third bits, 2-bit values, 16 scales of 6 bits. If the third bit is clear, 4 is subtracted.</summary>
    public static void Q3_K(byte* from, float* to, long blocks)
    {
        for (; blocks > 0; blocks--, from += 110, to += 256)
        {
            var d = ScalarBlocks.Half(from + 108);
            var scales = from + 96;
            for (var piece = 0; piece < 16; piece++)
            {
                var low = piece < 8 ? scales[piece] & 15 : scales[piece - 8] >> 4;
                var high = scales[8 + piece % 4] >> 2 * (piece / 4) & 3;
                var scale = d * ((low | high << 4) - 32);
                var third = from + piece % 2 * 16;
                var q = from + 32 + piece / 8 * 32 + piece % 2 * 16;
                var shift = piece % 8 / 2 * 2;
                for (var i = 0; i < 16; i++) to[piece * 16 + i] = scale * ((q[i] >> shift & 3) - ((third[i] >> piece / 2 & 1) == 0 ? 4 : 0));
            }
        }
    }

    /// <summary>Returns the scale and the minimum of piece j of Q4_K and Q5_K: 6 bits each, 8 of both in 12 bytes.</summary>
    public static (int Scale, int Minimum) SixBits(byte* packed, int j) => j < 4
        ? (packed[j] & 63, packed[j + 4] & 63)
        : (packed[j + 4] & 15 | packed[j - 4] >> 6 << 4, packed[j + 4] >> 4 | packed[j] >> 6 << 4);

    public static void Q4_K(byte* from, float* to, long blocks)
    {
        for (; blocks > 0; blocks--, from += 144, to += 256)
        {
            float d = ScalarBlocks.Half(from), dmin = ScalarBlocks.Half(from + 2);
            for (var piece = 0; piece < 8; piece++)
            {
                var (s, m) = SixBits(from + 4, piece);
                float scale = d * s, minimum = dmin * m;
                var q = from + 16 + piece / 2 * 32;
                var shift = piece % 2 * 4;
                for (var i = 0; i < 32; i++) to[piece * 32 + i] = scale * (q[i] >> shift & 15) - minimum;
            }
        }
    }

    public static void Q5_K(byte* from, float* to, long blocks)
    {
        for (; blocks > 0; blocks--, from += 176, to += 256)
        {
            float d = ScalarBlocks.Half(from), dmin = ScalarBlocks.Half(from + 2);
            for (var piece = 0; piece < 8; piece++)
            {
                var (s, m) = SixBits(from + 4, piece);
                float scale = d * s, minimum = dmin * m;
                var high = from + 16;
                var q = from + 48 + piece / 2 * 32;
                var shift = piece % 2 * 4;
                for (var i = 0; i < 32; i++) to[piece * 32 + i] = scale * (q[i] >> shift & 15 | (high[i] >> piece & 1) << 4) - minimum;
            }
        }
    }

    /// <summary>The low 4 bits, the high 2 bits, 16 signed scales, and their fp16 factor.</summary>
    public static void Q6_K(byte* from, float* to, long blocks)
    {
        for (; blocks > 0; blocks--, from += 210, to += 256)
        {
            var d = ScalarBlocks.Half(from + 208);
            for (var piece = 0; piece < 16; piece++)
            {
                var (half, quarter) = (piece / 8, piece % 8 / 2);
                var scale = d * (sbyte)from[192 + piece];
                var low = from + half * 64 + quarter % 2 * 32 + piece % 2 * 16;
                var high = from + 128 + half * 32 + piece % 2 * 16;
                for (var i = 0; i < 16; i++)
                    to[piece * 16 + i] = scale * ((low[i] >> quarter / 2 * 4 & 15 | (high[i] >> quarter * 2 & 3) << 4) - 32);
            }
        }
    }

    /// <summary>The fp32 scale, the values as bytes, and sums of 16 values each, which are not needed here.</summary>
    public static void Q8_K(byte* from, float* to, long blocks)
    {
        for (; blocks > 0; blocks--, from += 292, to += 256)
        {
            var d = *(float*)from;
            for (var i = 0; i < 256; i++) to[i] = d * (sbyte)from[4 + i];
        }
    }

    /// <summary>Five ternary digits per byte, as a fraction of 256: a multiplication by 3^n moves digit n to the top.</summary>
    public static void TQ1_0(byte* from, float* to, long blocks)
    {
        ReadOnlySpan<byte> powers = [1, 3, 9, 27, 81];
        for (; blocks > 0; blocks--, from += 54, to += 256)
        {
            var d = ScalarBlocks.Half(from + 52);
            var at = 0;
            foreach (var (start, count, digits) in ((int, int, int)[])[(0, 32, 5), (32, 16, 5), (48, 4, 4)])
                for (var n = 0; n < digits; n++)
                    for (var i = 0; i < count; i++)
                        to[at++] = d * (((byte)(from[start + i] * powers[n]) * 3 >> 8) - 1);
        }
    }

    /// <summary>Four ternary values per byte, 2 bits each.</summary>
    public static void TQ2_0(byte* from, float* to, long blocks)
    {
        for (; blocks > 0; blocks--, from += 66, to += 256)
        {
            var d = ScalarBlocks.Half(from + 64);
            for (var i = 0; i < 256; i++) to[i] = d * ((from[i / 128 * 32 + i % 32] >> i % 128 / 32 * 2 & 3) - 1);
        }
    }
}
