using System.Numerics;
using System.Runtime.InteropServices;

namespace SkTuning.Clusters;

/// <summary>Vectors of one size, in one array.</summary>
/// <param name="values">The values, one vector after another.</param>
/// <param name="size">The number of values of a vector.</param>
internal sealed class Vectors(float[] values, int size)
{
    /// <summary>Creates vectors of zeros.</summary>
    public Vectors(int count, int size) : this(new float[(long)count * size], size) { }

    /// <summary>Gets the number of values of a vector.</summary>
    public int Size => size;

    /// <summary>Gets the number of vectors.</summary>
    public int Count { get; } = values.Length / size;

    /// <summary>Gets all values.</summary>
    public float[] Values => values;

    /// <summary>Gets a vector, which can be changed.</summary>
    public Span<float> this[int index] => values.AsSpan(index * size, size);

    /// <summary>Returns copies of some of the vectors.</summary>
    public Vectors Select(IReadOnlyList<int> indices)
    {
        var chosen = new Vectors(indices.Count, size);
        for (var i = 0; i < indices.Count; i++) this[indices[i]].CopyTo(chosen[i]);
        return chosen;
    }

    /// <summary>Returns these vectors and, after them, others.</summary>
    public Vectors Concat(Vectors others) => new([.. values, .. others.Values], size);

    /// <summary>Returns the squared Euclidean distance.</summary>
    public static float SquaredDistance(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var x = MemoryMarshal.Cast<float, Vector<float>>(a);
        var y = MemoryMarshal.Cast<float, Vector<float>>(b);
        var (one, two, i) = (Vector<float>.Zero, Vector<float>.Zero, 0);
        for (; i + 1 < x.Length; i += 2)
        {
            var (first, second) = (x[i] - y[i], x[i + 1] - y[i + 1]);
            one += first * first;
            two += second * second;
        }
        if (i < x.Length) one += (x[i] - y[i]) * (x[i] - y[i]);
        var sum = Vector.Sum(one + two);
        for (var rest = x.Length * Vector<float>.Count; rest < a.Length; rest++) sum += (a[rest] - b[rest]) * (a[rest] - b[rest]);
        return sum;
    }

    /// <summary>Returns the inner product.</summary>
    public static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var x = MemoryMarshal.Cast<float, Vector<float>>(a);
        var y = MemoryMarshal.Cast<float, Vector<float>>(b);
        var (one, two, i) = (Vector<float>.Zero, Vector<float>.Zero, 0);
        for (; i + 1 < x.Length; i += 2)
        {
            one += x[i] * y[i];
            two += x[i + 1] * y[i + 1];
        }
        if (i < x.Length) one += x[i] * y[i];
        var sum = Vector.Sum(one + two);
        for (var rest = x.Length * Vector<float>.Count; rest < a.Length; rest++) sum += a[rest] * b[rest];
        return sum;
    }
}
