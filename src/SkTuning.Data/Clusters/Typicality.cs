namespace SkTuning.Clusters;

/// <summary>How typical a vector is of its cluster: 1 / (the mean distance to its nearest neighbors in the cluster) (TypiClust, arXiv 2202.02794).</summary>
internal static class Typicality
{
    /// <summary>Equal vectors have no distance.</summary>
    private const double Epsilon = 1e-5;

    private const int MostNeighbors = 20;

    /// <summary>The number of vectors among which neighbors are searched in a large cluster: they are evenly spaced members of it.</summary>
    public const int MaxCompared = 2000;

    /// <summary>Returns the number of neighbors that count in a cluster: half of its vectors, but no more than 20.</summary>
    public static int Neighbors(int size) => Math.Min(MostNeighbors, size / 2);

    /// <summary>Returns the typicality of each member of a cluster; 0 for the only one.</summary>
    /// <param name="points">All vectors.</param>
    /// <param name="members">The indices of the members.</param>
    /// <param name="cancellationToken">Cancels between members.</param>
    public static double[] Of(Vectors points, IReadOnlyList<int> members, CancellationToken cancellationToken)
    {
        var typicality = new double[members.Count];
        var step = Math.Max(1, (members.Count + MaxCompared - 1) / MaxCompared);
        int[] compared = [.. members.Where((_, m) => m % step == 0)];
        var neighbors = Neighbors(compared.Length);
        if (members.Count == 1) return typicality;
        for (var m = 0; m < members.Count; m++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            typicality[m] = 1 / (NearestMean(points, members[m], compared, Math.Max(1, neighbors)) + Epsilon);
        }
        return typicality;
    }

    /// <summary>Returns the mean distance of a vector from the nearest of others.</summary>
    private static double NearestMean(Vectors points, int point, int[] others, int count)
    {
        var distances = new float[others.Length];
        var found = 0;
        foreach (var other in others)
            if (other != point) distances[found++] = Vectors.SquaredDistance(points[point], points[other]);
        var near = distances.AsSpan(0, found);
        near.Sort();
        var sum = 0.0;
        count = Math.Min(count, found);
        foreach (var squared in near[..count]) sum += Math.Sqrt(squared);
        return sum / count;
    }
}
