using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SkTuning.Checkpoints.Gguf;

/// <summary>
/// Expands the common block types to fp32, sixteen values at a time, with the same results as <see cref="ScalarBlocks"/> and <see cref="ScalarSuperBlocks"/>,
/// bit for bit.
/// </summary>
internal static unsafe class VectorBlocks
{
    private static Vector128<sbyte> NonLinear
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector128.Create(-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Q4_0<T>(byte* from, float* to, long blocks) where T : struct, ILanes
    {
        var eight = Vector128.Create((sbyte)8);
        for (; blocks > 0; blocks--, from += 18, to += 32)
        {
            var d = ScalarBlocks.Half(from);
            var q = Vector128.Load(from + 2);
            T.Scale(Low(q) - eight, d, to);
            T.Scale(High(q) - eight, d, to + 16);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Q4_1<T>(byte* from, float* to, long blocks) where T : struct, ILanes
    {
        for (; blocks > 0; blocks--, from += 20, to += 32)
        {
            float d = ScalarBlocks.Half(from), m = ScalarBlocks.Half(from + 2);
            var q = Vector128.Load(from + 4);
            T.ScaleAdd(Low(q), d, m, to);
            T.ScaleAdd(High(q), d, m, to + 16);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Q8_0<T>(byte* from, float* to, long blocks) where T : struct, ILanes
    {
        for (; blocks > 0; blocks--, from += 34, to += 32)
        {
            var d = ScalarBlocks.Half(from);
            T.Scale(Vector128.Load((sbyte*)from + 2), d, to);
            T.Scale(Vector128.Load((sbyte*)from + 18), d, to + 16);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void IQ4_NL<T>(byte* from, float* to, long blocks) where T : struct, ILanes
    {
        for (; blocks > 0; blocks--, from += 18, to += 32)
        {
            var d = ScalarBlocks.Half(from);
            var q = Vector128.Load(from + 2);
            T.Scale(Vector128.Shuffle(NonLinear, Low(q)), d, to);
            T.Scale(Vector128.Shuffle(NonLinear, High(q)), d, to + 16);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Q4_K<T>(byte* from, float* to, long blocks) where T : struct, ILanes
    {
        for (; blocks > 0; blocks--, from += 144, to += 256)
        {
            float d = ScalarBlocks.Half(from), dmin = ScalarBlocks.Half(from + 2);
            for (var piece = 0; piece < 8; piece += 2)
            {
                var (s0, m0) = ScalarSuperBlocks.SixBits(from + 4, piece);
                var (s1, m1) = ScalarSuperBlocks.SixBits(from + 4, piece + 1);
                var (q0, q1) = (Vector128.Load(from + 16 + piece * 16), Vector128.Load(from + 32 + piece * 16));
                var y = to + piece * 32;
                T.ScaleAdd(Low(q0), d * s0, -(dmin * m0), y);
                T.ScaleAdd(Low(q1), d * s0, -(dmin * m0), y + 16);
                T.ScaleAdd(High(q0), d * s1, -(dmin * m1), y + 32);
                T.ScaleAdd(High(q1), d * s1, -(dmin * m1), y + 48);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Q5_K<T>(byte* from, float* to, long blocks) where T : struct, ILanes
    {
        for (; blocks > 0; blocks--, from += 176, to += 256)
        {
            float d = ScalarBlocks.Half(from), dmin = ScalarBlocks.Half(from + 2);
            var (high0, high1) = (Vector128.Load(from + 16), Vector128.Load(from + 32));
            for (var piece = 0; piece < 8; piece += 2)
            {
                var (s0, m0) = ScalarSuperBlocks.SixBits(from + 4, piece);
                var (s1, m1) = ScalarSuperBlocks.SixBits(from + 4, piece + 1);
                var (q0, q1) = (Vector128.Load(from + 48 + piece * 16), Vector128.Load(from + 64 + piece * 16));
                var y = to + piece * 32;
                T.ScaleAdd(Low(q0) | Fifth(high0, piece), d * s0, -(dmin * m0), y);
                T.ScaleAdd(Low(q1) | Fifth(high1, piece), d * s0, -(dmin * m0), y + 16);
                T.ScaleAdd(High(q0) | Fifth(high0, piece + 1), d * s1, -(dmin * m1), y + 32);
                T.ScaleAdd(High(q1) | Fifth(high1, piece + 1), d * s1, -(dmin * m1), y + 48);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Q6_K<T>(byte* from, float* to, long blocks) where T : struct, ILanes
    {
        var offset = Vector128.Create((sbyte)32);
        for (; blocks > 0; blocks--, from += 210, to += 256)
        {
            var d = ScalarBlocks.Half(from + 208);
            for (var piece = 0; piece < 16; piece++)
            {
                var (half, quarter) = (piece / 8, piece % 8 / 2);
                var low = Vector128.Load(from + half * 64 + quarter % 2 * 32 + piece % 2 * 16);
                var high = Vector128.Load(from + 128 + half * 32 + piece % 2 * 16);
                var bits = Vector128.ShiftRightLogical(high.AsUInt16(), quarter * 2).AsByte() & Vector128.Create((byte)3);
                var q = (quarter < 2 ? Low(low) : High(low)) | Vector128.ShiftLeft(bits.AsUInt16(), 4).AsSByte();
                T.Scale(q - offset, d * (sbyte)from[192 + piece], to + piece * 16);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<sbyte> Low(Vector128<byte> q) => (q & Vector128.Create((byte)15)).AsSByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<sbyte> High(Vector128<byte> q) => (Vector128.ShiftRightLogical(q.AsUInt16(), 4).AsByte() & Vector128.Create((byte)15)).AsSByte();

    /// <summary>Returns bit <paramref name="bit"/> of each byte, moved to position 4.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<sbyte> Fifth(Vector128<byte> high, int bit)
        => Vector128.ShiftLeft((Vector128.ShiftRightLogical(high.AsUInt16(), bit).AsByte() & Vector128.Create((byte)1)).AsUInt16(), 4).AsSByte();
}
