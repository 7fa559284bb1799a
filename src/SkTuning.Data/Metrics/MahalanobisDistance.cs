namespace SkTuning.Metrics;

/// <summary>
/// The squared distance min_c (x - m_c)' S^-1 (x - m_c): m_c is the mean of class c, and S the covariance that all classes share. S is shrunk towards a
/// multiple of the unit matrix by the fraction that Ledoit and Wolf (2004) estimate, so that it can be inverted with fewer rows than features.
/// </summary>
internal sealed class MahalanobisDistance
{
    /// <summary>The lowest variance of a feature, relative to the mean square of the features, so that rows that are all equal have a covariance.</summary>
    private const double MinVariance = 1e-10;

    private readonly double[][] _factor, _means;

    /// <summary>Creates the distance from what is stored.</summary>
    /// <param name="means">The means, [C,D].</param>
    /// <param name="factor">The lower triangle L of the Cholesky factor of S = L L', row after row: D (D + 1) / 2 numbers.</param>
    public MahalanobisDistance(FeatureRows means, float[] factor)
    {
        (Means, Factor) = (means, factor);
        _factor = new double[means.Width][];
        for (int i = 0, at = 0; i < means.Width; at += ++i) _factor[i] = [.. factor.AsSpan(at, i + 1).ToArray().Select(v => (double)v)];
        _means = [.. Enumerable.Range(0, means.Count).Select(c => Whiten(means[c]))];
    }

    /// <summary>The means, [C,D].</summary>
    public FeatureRows Means { get; }

    /// <summary>The packed factor.</summary>
    public float[] Factor { get; }

    /// <summary>Fits the means and the covariance.</summary>
    /// <param name="rows">The features.</param>
    /// <param name="classes">The class of each row. A class without rows is left out.</param>
    public static MahalanobisDistance Fit(FeatureRows rows, IReadOnlyList<int> classes)
    {
        var (means, residuals) = Centered(rows, classes);
        var (covariance, shrinkage) = LedoitWolf(residuals);
        Shrink(covariance, shrinkage);
        var scale = rows.Values.Sum(v => (double)v * v) / rows.Values.Length;
        for (var i = 0; i < covariance.Length; i++) covariance[i][i] += MinVariance * scale + double.Epsilon;
        return new(means, Packed(Cholesky(covariance)));
    }

    /// <summary>Returns the squared distance of a row.</summary>
    public double Of(ReadOnlySpan<float> row)
    {
        var (white, best) = (Whiten(row), double.PositiveInfinity);
        foreach (var mean in _means)
        {
            var sum = 0.0;
            for (var i = 0; i < mean.Length; i++) sum += (white[i] - mean[i]) * (white[i] - mean[i]);
            best = Math.Min(best, sum);
        }
        return best;
    }

    /// <summary>Returns the covariance x'x / N of centered rows and the fraction by which it is to be shrunk, from 0 to 1.</summary>
    /// <param name="columns">The values of each feature, [D][N].</param>
    public static (double[][] Covariance, double Shrinkage) LedoitWolf(double[][] columns)
    {
        int d = columns.Length, n = columns[0].Length;
        var covariance = new double[d][];
        var (trace, squares) = (0.0, 0.0);
        for (var i = 0; i < d; i++)
        {
            covariance[i] = new double[i + 1];
            for (var j = 0; j <= i; j++)
            {
                var value = OutOfScopeScores.Dot(columns[i], columns[j]) / n;
                covariance[i][j] = value;
                squares += i == j ? value * value : 2 * value * value;
            }
            trace += covariance[i][i];
        }
        var (mean, fourth) = (trace / d, 0.0);
        for (var r = 0; r < n; r++)
        {
            var length = 0.0;
            for (var i = 0; i < d; i++) length += columns[i][r] * columns[i][r];
            fourth += length * length;
        }
        var distance = (squares - d * mean * mean) / d;
        var noise = (fourth / n - squares) / ((double)d * n);
        return (covariance, distance <= 0 ? 1 : Math.Clamp(noise / distance, 0, 1));
    }

    /// <summary>Replaces a covariance, of which the lower triangle is given, with (1 - s) S + s tr(S) / D.</summary>
    public static void Shrink(double[][] covariance, double shrinkage)
    {
        var mean = covariance.Select((row, i) => row[i]).Average();
        for (var i = 0; i < covariance.Length; i++)
        {
            for (var j = 0; j <= i; j++) covariance[i][j] *= 1 - shrinkage;
            covariance[i][i] += shrinkage * mean;
        }
    }

    private static (FeatureRows Means, double[][] Residuals) Centered(FeatureRows rows, IReadOnlyList<int> classes)
    {
        int[] present = [.. classes.Distinct().Order()];
        var place = present.Index().ToDictionary(c => c.Item, c => c.Index);
        var (sums, counts, d) = (new double[present.Length][], new int[present.Length], rows.Width);
        for (var c = 0; c < sums.Length; c++) sums[c] = new double[d];
        for (var r = 0; r < rows.Count; r++)
        {
            var row = rows[r];
            var c = place[classes[r]];
            counts[c]++;
            for (var i = 0; i < d; i++) sums[c][i] += row[i];
        }
        for (var c = 0; c < sums.Length; c++) for (var i = 0; i < d; i++) sums[c][i] /= counts[c];
        var residuals = new double[d][];
        for (var i = 0; i < d; i++)
        {
            residuals[i] = new double[rows.Count];
            for (var r = 0; r < rows.Count; r++) residuals[i][r] = rows.Values[r * d + i] - sums[place[classes[r]]][i];
        }
        return (new([.. sums.SelectMany(s => s.Select(v => (float)v))], d), residuals);
    }

    /// <summary>Replaces the lower triangle of a positive matrix with its Cholesky factor.</summary>
    private static double[][] Cholesky(double[][] a)
    {
        for (var i = 0; i < a.Length; i++)
        {
            for (var j = 0; j < i; j++) a[i][j] = (a[i][j] - OutOfScopeScores.Dot(a[i].AsSpan(0, j), a[j].AsSpan(0, j))) / a[j][j];
            a[i][i] = Math.Sqrt(Math.Max(double.Epsilon, a[i][i] - OutOfScopeScores.Dot(a[i].AsSpan(0, i), a[i].AsSpan(0, i))));
        }
        return a;
    }

    private static float[] Packed(double[][] lower) => [.. lower.SelectMany(row => row.Select(v => (float)v))];

    /// <summary>Solves L z = x.</summary>
    private double[] Whiten(ReadOnlySpan<float> x)
    {
        var z = new double[x.Length];
        for (var i = 0; i < x.Length; i++) z[i] = (x[i] - OutOfScopeScores.Dot(_factor[i].AsSpan(0, i), z.AsSpan(0, i))) / _factor[i][i];
        return z;
    }
}
