using System.Numerics;
using System.Runtime.InteropServices;

namespace SkTuning.Batches;

/// <summary>Looks for numbers that are NaN or infinite.</summary>
internal static class FiniteNumbers
{
    /// <summary>True if every value is finite.</summary>
    public static bool All(ReadOnlySpan<float> values)
    {
        // A finite value times 0 is 0, and every other one is NaN, which sums keep.
        var sums = Vector<float>.Zero;
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        foreach (var v in vectors) sums += v * Vector<float>.Zero;
        var sum = Vector.Sum(sums);
        foreach (var v in values[(vectors.Length * Vector<float>.Count)..]) sum += v * 0;
        return sum == 0;
    }
}
