using SkTuning.Data;

namespace SkTuning.Clusters;

/// <summary>Clusters of vectors around centers (Lloyd's algorithm). The result depends on the start alone.</summary>
/// <param name="Centers">The centers.</param>
/// <param name="Assignments">The cluster of each vector.</param>
/// <param name="Inertia">The sum of the weighted squared distances of the vectors from their centers.</param>
internal sealed record KMeans(Vectors Centers, int[] Assignments, double Inertia)
{
    private const int MaxIterations = 100;

    /// <summary>Moves centers to the means of the vectors nearest to them until no vector changes its cluster.</summary>
    /// <param name="points">The vectors.</param>
    /// <param name="start">The centers to start from. A center that no vector is nearest to stays where it is.</param>
    /// <param name="weights">The weight of each vector, 0 or more; null if all are equal.</param>
    /// <param name="cancellationToken">Cancels between passes over the vectors.</param>
    public static KMeans Fit(Vectors points, Vectors start, IReadOnlyList<double>? weights, CancellationToken cancellationToken)
    {
        var centers = new Vectors([.. start.Values], start.Size);
        var assigned = new int[points.Count];
        Array.Fill(assigned, -1);
        for (var iteration = 0; Assign(points, centers, assigned, cancellationToken) && iteration < MaxIterations; iteration++)
            Move(points, centers, assigned, weights);
        var inertia = 0.0;
        for (var i = 0; i < points.Count; i++) inertia += (weights?[i] ?? 1) * Vectors.SquaredDistance(points[i], centers[assigned[i]]);
        return new(centers, assigned, inertia);
    }

    /// <summary>
    /// Returns vectors to start from (k-means++): the first at random, each further one with a probability proportional to its weight times its squared
    /// distance from the nearest one chosen before.
    /// </summary>
    /// <param name="points">The vectors.</param>
    /// <param name="count">The number of centers, at most that of the vectors.</param>
    /// <param name="weights">The weight of each vector; null if all are equal.</param>
    /// <param name="random">The random numbers.</param>
    /// <param name="cancellationToken">Cancels between centers.</param>
    public static Vectors Start(Vectors points, int count, IReadOnlyList<double>? weights, Shuffler random, CancellationToken cancellationToken)
    {
        var chosen = new List<int>(count);
        var (nearest, chances) = (new double[points.Count], new double[points.Count]);
        Array.Fill(nearest, double.PositiveInfinity);
        for (var i = 0; i < points.Count; i++) chances[i] = weights?[i] ?? 1;
        while (chosen.Count < count)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var next = Draw(chances, random);
            chosen.Add(next);
            for (var i = 0; i < points.Count; i++)
            {
                nearest[i] = Math.Min(nearest[i], Vectors.SquaredDistance(points[i], points[next]));
                chances[i] = (weights?[i] ?? 1) * nearest[i];
            }
        }
        return points.Select(chosen);
    }

    /// <summary>Returns an index with a probability proportional to its chance; the first of the largest chances if rounding leaves none.</summary>
    private static int Draw(double[] chances, Shuffler random)
    {
        var at = random.NextDouble() * chances.Sum();
        for (var i = 0; i < chances.Length; i++)
            if (chances[i] > 0 && (at -= chances[i]) < 0) return i;
        return Array.IndexOf(chances, chances.Max());
    }

    /// <summary>Assigns each vector to its nearest center, the first of equally near ones. Returns whether any vector changed its cluster.</summary>
    private static bool Assign(Vectors points, Vectors centers, int[] assigned, CancellationToken cancellationToken)
    {
        const int Block = 32;   // the vectors that are compared with a center while it is in the cache
        var half = new float[centers.Count];
        for (var c = 0; c < centers.Count; c++) half[c] = Vectors.Dot(centers[c], centers[c]) / 2;
        var (best, nearest, changed) = (new float[Block], new int[Block], false);
        for (var start = 0; start < points.Count; start += Block)
        {
            if (start % (Block * Block) == 0) cancellationToken.ThrowIfCancellationRequested();
            var count = Math.Min(Block, points.Count - start);
            Array.Fill(best, float.NegativeInfinity);
            for (var c = 0; c < centers.Count; c++)
            {
                var center = centers[c];
                for (var i = 0; i < count; i++)
                {
                    // The largest x·c - c·c/2 is the smallest distance.
                    var score = Vectors.Dot(points[start + i], center) - half[c];
                    if (score > best[i]) (best[i], nearest[i]) = (score, c);
                }
            }
            for (var i = 0; i < count; i++)
            {
                changed |= assigned[start + i] != nearest[i];
                assigned[start + i] = nearest[i];
            }
        }
        return changed;
    }

    private static void Move(Vectors points, Vectors centers, int[] assigned, IReadOnlyList<double>? weights)
    {
        var (sums, totals) = (new double[centers.Values.Length], new double[centers.Count]);
        for (var i = 0; i < points.Count; i++)
        {
            var point = points[i];
            var sum = sums.AsSpan(assigned[i] * points.Size, points.Size);
            var weight = weights?[i] ?? 1;
            for (var d = 0; d < point.Length; d++) sum[d] += weight * point[d];
            totals[assigned[i]] += weight;
        }
        for (var c = 0; c < centers.Count; c++)
        {
            if (totals[c] == 0) continue;
            var center = centers[c];
            for (var d = 0; d < center.Length; d++) center[d] = (float)(sums[c * points.Size + d] / totals[c]);
        }
    }
}
