using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SkTuning.Checkpoints.Gguf;

/// <summary>Converts fp16 and bf16 to fp32 (exactly) and back (to nearest, ties to even), many values at a time.</summary>
internal static unsafe class Floats
{
    /// <summary>One exact multiplication corrects the bias of the exponent. This is right for subnormal values too.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void FromHalf(byte* from, float* to, long count)
    {
        var rebase = Vector256.Create(BitConverter.UInt32BitsToSingle((112u + 127) << 23));
        long i = 0;
        for (; Vector256.IsHardwareAccelerated && i + 16 <= count; i += 16)
        {
            var (low, high) = Vector256.Widen(Vector256.Load((ushort*)from + i));
            One(low, rebase).Store(to + i);
            One(high, rebase).Store(to + i + 8);
        }
        ScalarBlocks.F16(from + i * 2, to + i, count - i);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static Vector256<float> One(Vector256<uint> half, Vector256<float> rebase)
        {
            var sign = (half & Vector256.Create(0x8000u)) << 16;
            var rest = (half & Vector256.Create(0x7fffu)) << 13;
            // Infinity and NaN.
            var special = Vector256.GreaterThan(rest.AsInt32(), Vector256.Create(0x0f7fffff)).AsUInt32() & Vector256.Create(0x7f800000u);
            return ((rest.AsSingle() * rebase).AsUInt32() | special | sign).AsSingle();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void FromBFloat16(byte* from, float* to, long count)
    {
        long i = 0;
        for (; Vector256.IsHardwareAccelerated && i + 16 <= count; i += 16)
        {
            var (low, high) = Vector256.Widen(Vector256.Load((ushort*)from + i));
            (low << 16).AsSingle().Store(to + i);
            (high << 16).AsSingle().Store(to + i + 8);
        }
        ScalarBlocks.BF16(from + i * 2, to + i, count - i);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ToBFloat16(float* from, ushort* to, long count)
    {
        long i = 0;
        for (; Vector256.IsHardwareAccelerated && i + 16 <= count; i += 16)
            Vector256.Narrow(One(Vector256.Load((uint*)from + i)), One(Vector256.Load((uint*)from + i + 8))).Store(to + i);
        for (; i < count; i++) to[i] = ToBFloat16(from[i]);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static Vector256<uint> One(Vector256<uint> bits)
        {
            var rounded = (bits + Vector256.Create(0x7fffu) + ((bits >> 16) & Vector256.Create(1u))) >> 16;
            var notANumber = Vector256.GreaterThan((bits & Vector256.Create(0x7fffffffu)).AsInt32(), Vector256.Create(0x7f800000)).AsUInt32();
            return Vector256.ConditionalSelect(notANumber, (bits >> 16) | Vector256.Create(0x40u), rounded);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ToHalf(float* from, ushort* to, long count)
    {
        long i = 0;
        for (; Vector256.IsHardwareAccelerated && i + 16 <= count; i += 16)
            Vector256.Narrow(One(Vector256.Load((uint*)from + i)), One(Vector256.Load((uint*)from + i + 8))).Store(to + i);
        for (; i < count; i++) to[i] = BitConverter.HalfToUInt16Bits((Half)from[i]);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static Vector256<uint> One(Vector256<uint> bits)
        {
            var abs = bits & Vector256.Create(0x7fffffffu);
            var sign = (bits ^ abs) >> 16;
            var normal = (abs + Vector256.Create(0xfffu) + ((abs >> 13) & Vector256.Create(1u)) - Vector256.Create(0x38000000u)) >> 13;
            // The last place of 0.5 in fp32 is the unit of subnormal fp16 values: adding 0.5 rounds to it.
            var small = (abs.AsSingle() + Vector256.Create(0.5f)).AsUInt32() - Vector256.Create(0x3f000000u);
            var result = Vector256.ConditionalSelect(Vector256.LessThan(abs, Vector256.Create(0x38800000u)), small, normal);
            result = Vector256.ConditionalSelect(Vector256.GreaterThan(abs, Vector256.Create(0x477fffffu)), Vector256.Create(0x7c00u), result);
            result = Vector256.ConditionalSelect(Vector256.GreaterThan(abs, Vector256.Create(0x7f800000u)), Vector256.Create(0x7e00u), result);
            return result | sign;
        }
    }

    private static ushort ToBFloat16(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        return (ushort)(float.IsNaN(value) ? bits >> 16 | 0x40 : (bits + 0x7fff + (bits >> 16 & 1)) >> 16);
    }
}
