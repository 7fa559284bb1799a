using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SkTuning.Checkpoints.Gguf;

/// <summary>
/// Converts sixteen small integers to sixteen floats with vectors of one width. Every product and sum is rounded separately (no fused operations), so that
/// the results of all widths and of the scalar code are identical bit for bit.
/// </summary>
internal unsafe interface ILanes
{
    /// <summary>to[i] = q[i] · d</summary>
    static abstract void Scale(Vector128<sbyte> q, float d, float* to);

    /// <summary>to[i] = q[i] · d + m</summary>
    static abstract void ScaleAdd(Vector128<sbyte> q, float d, float m, float* to);
}

internal readonly unsafe struct Lanes512 : ILanes
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Scale(Vector128<sbyte> q, float d, float* to) => (Wide(q) * Vector512.Create(d)).Store(to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ScaleAdd(Vector128<sbyte> q, float d, float m, float* to) => (Wide(q) * Vector512.Create(d) + Vector512.Create(m)).Store(to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Wide(Vector128<sbyte> q)
    {
        if (System.Runtime.Intrinsics.X86.Avx512F.IsSupported)
            return Vector512.ConvertToSingle(System.Runtime.Intrinsics.X86.Avx512F.ConvertToVector512Int32(q));
        var (low, high) = Vector128.Widen(q);
        var (a, b) = Vector128.Widen(low);
        var (c, e) = Vector128.Widen(high);
        return Vector512.ConvertToSingle(Vector512.Create(Vector256.Create(a, b), Vector256.Create(c, e)));
    }
}

internal readonly unsafe struct Lanes256 : ILanes
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Scale(Vector128<sbyte> q, float d, float* to)
    {
        var (low, high) = Wide(q);
        var scale = Vector256.Create(d);
        (low * scale).Store(to);
        (high * scale).Store(to + 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ScaleAdd(Vector128<sbyte> q, float d, float m, float* to)
    {
        var (low, high) = Wide(q);
        var (scale, add) = (Vector256.Create(d), Vector256.Create(m));
        (low * scale + add).Store(to);
        (high * scale + add).Store(to + 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector256<float> Low, Vector256<float> High) Wide(Vector128<sbyte> q)
    {
        var (low, high) = Vector128.Widen(q);
        var (a, b) = Vector128.Widen(low);
        var (c, e) = Vector128.Widen(high);
        return (Vector256.ConvertToSingle(Vector256.Create(a, b)), Vector256.ConvertToSingle(Vector256.Create(c, e)));
    }
}
