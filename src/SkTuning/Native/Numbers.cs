using TorchSharp;
using static TorchSharp.torch;

namespace SkTuning.Native;

/// <summary>
/// Numbers for torch, kept until the call that takes them has returned. TorchSharp hands a native call only the address of its <see cref="Scalar"/>: one made on the fly
/// (<c>x * 2</c>) is garbage while the call still reads it, and its finalizer frees it there. Then a result is wrong, or libtorch knows no such "scalar type".
/// TorchSharp's ways to make one on the fly, and those of its calls that do so inside, are banned (eng/BannedSymbols.Numbers.txt); here is what to write instead.
/// The kind of number stays what it was, for it has a say in the dtype of the result.
/// </summary>
internal static class Numbers
{
    /// <summary>
    /// The last ones of each thread. A native call returns before its thread makes the next number, but for the few others of the same call: the calls of those that are
    /// pushed out have returned long ago, and the collector frees them.
    /// </summary>
    private const int Remembered = 64;

    [ThreadStatic]
    private static Scalar[]? _recent;

    [ThreadStatic]
    private static int _next;

#pragma warning disable RS0030 // The one place that makes scalars.
    private static readonly Scalar One = 1.ToScalar();

    public static Scalar Kept(this int number) => Keep(number.ToScalar());
    public static Scalar Kept(this long number) => Keep(number.ToScalar());
    public static Scalar Kept(this float number) => Keep(number.ToScalar());
    public static Scalar Kept(this double number) => Keep(number.ToScalar());
#pragma warning restore RS0030

    /// <summary>x + other. TorchSharp's own multiplies <paramref name="other"/> by a 1 that it makes on the fly.</summary>
    public static Tensor Plus(this Tensor x, Tensor other) => x.add(other, One);

    /// <summary>x + number, of a number that is kept.</summary>
    public static Tensor Plus(this Tensor x, Scalar number) => x.add(number, One);

    /// <summary>x += other, in place.</summary>
    public static Tensor Plus_(this Tensor x, Tensor other) => x.add_(other, One);

    /// <summary>x += number, in place, of a number that is kept.</summary>
    public static Tensor Plus_(this Tensor x, Scalar number) => x.add_(number, One);

    /// <summary>x² of each value.</summary>
    public static Tensor Squared(this Tensor x) => x.pow(2.Kept());

    /// <summary>[to - from] int64: from, from + 1, … to - 1.</summary>
    public static Tensor Range(long from, long to, Device device) => arange(from.Kept(), to.Kept(), One, ScalarType.Int64, device);

    private static Scalar Keep(Scalar scalar)
    {
        var recent = _recent ??= new Scalar[Remembered];
        recent[_next] = scalar;
        _next = (_next + 1) % Remembered;
        return scalar;
    }
}
