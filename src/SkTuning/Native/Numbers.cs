using TorchSharp;
using static TorchSharp.torch;

namespace SkTuning.Native;

/// <summary>
/// Numbers for torch that stay alive until the call that uses them has returned. TorchSharp passes only the address of its <see cref="Scalar"/> to a native
/// call: one created on the fly (<c>x * 2</c>) may be collected, and freed by its finalizer, while the call still reads it. Then the result is wrong, or
/// libtorch reports an unknown scalar type. TorchSharp's operators that create one on the fly, and its methods that do so internally, are banned
/// (eng/BannedSymbols.Numbers.txt); this class has the replacements. A number keeps its type, which affects the dtype of the result.
/// </summary>
internal static class Numbers
{
    /// <summary>
    /// How many recent numbers are kept for each thread. A native call returns before its thread creates the numbers of the next call, so the calls that used
    /// the displaced ones have returned long ago, and the collector may free them.
    /// </summary>
    private const int Remembered = 64;

    [ThreadStatic]
    private static Scalar[]? _recent;

    [ThreadStatic]
    private static int _next;

#pragma warning disable RS0030 // The only place that creates scalars.
    private static readonly Scalar One = 1.ToScalar();

    public static Scalar Kept(this int number) => Keep(number.ToScalar());
    public static Scalar Kept(this long number) => Keep(number.ToScalar());
    public static Scalar Kept(this float number) => Keep(number.ToScalar());
    public static Scalar Kept(this double number) => Keep(number.ToScalar());
#pragma warning restore RS0030

    /// <summary>x + other. TorchSharp's own operator multiplies <paramref name="other"/> by a 1 that it creates on the fly.</summary>
    public static Tensor Plus(this Tensor x, Tensor other) => x.add(other, One);

    /// <summary>x + number, for a kept number.</summary>
    public static Tensor Plus(this Tensor x, Scalar number) => x.add(number, One);

    /// <summary>x += other, in place.</summary>
    public static Tensor Plus_(this Tensor x, Tensor other) => x.add_(other, One);

    /// <summary>x += number, in place, for a kept number.</summary>
    public static Tensor Plus_(this Tensor x, Scalar number) => x.add_(number, One);

    /// <summary>x² of each value.</summary>
    public static Tensor Squared(this Tensor x) => x.pow(2.Kept());

    /// <summary>[to - from], int64: from, from + 1, …, to - 1.</summary>
    public static Tensor Range(long from, long to, Device device) => arange(from.Kept(), to.Kept(), One, ScalarType.Int64, device);

    private static Scalar Keep(Scalar scalar)
    {
        var recent = _recent ??= new Scalar[Remembered];
        recent[_next] = scalar;
        _next = (_next + 1) % Remembered;
        return scalar;
    }
}
