using System.Numerics;
using System.Runtime.InteropServices;

namespace SkTuning.Metrics;

/// <summary>The scores that need nothing but the scores of the labels, and sums that the others share.</summary>
internal static class OutOfScopeScores
{
    /// <summary>Returns 1 minus the highest probability.</summary>
    public static double MaximumProbability(ReadOnlySpan<float> scores, double temperature)
        => 1 - Math.Exp(Max(scores) / temperature + Energy(scores, temperature) / temperature);

    /// <summary>Returns -T log sum exp(z / T).</summary>
    public static double Energy(ReadOnlySpan<float> scores, double temperature)
    {
        var (max, sum) = (Max(scores), 0.0);
        foreach (var z in scores) sum += Math.Exp((z - max) / temperature);
        return -(max + temperature * Math.Log(sum));
    }

    /// <summary>Returns the sum of the products of two vectors.</summary>
    public static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        var va = MemoryMarshal.Cast<double, Vector<double>>(a);
        var vb = MemoryMarshal.Cast<double, Vector<double>>(b);
        var sums = Vector<double>.Zero;
        for (var i = 0; i < va.Length; i++) sums += va[i] * vb[i];
        var sum = Vector.Sum(sums);
        for (var i = va.Length * Vector<double>.Count; i < a.Length; i++) sum += a[i] * b[i];
        return sum;
    }

    /// <summary>Returns the square of the distance of two vectors.</summary>
    public static double SquaredDistance(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++)
        {
            var d = (double)a[i] - b[i];
            sum += d * d;
        }
        return sum;
    }

    private static double Max(ReadOnlySpan<float> scores)
    {
        var max = double.NegativeInfinity;
        foreach (var z in scores) max = Math.Max(max, z);
        return max;
    }
}
