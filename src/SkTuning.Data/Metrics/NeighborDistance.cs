namespace SkTuning.Metrics;

/// <summary>The mean distance of a row from the nearest of known rows.</summary>
/// <param name="Rows">The features of the known rows.</param>
/// <param name="Neighbors">The number of nearest rows, or that of all rows if there are fewer.</param>
internal sealed record NeighborDistance(FeatureRows Rows, int Neighbors)
{
    /// <summary>Returns the mean distance of a row.</summary>
    public double Of(ReadOnlySpan<float> row)
    {
        // The nearest so far, in ascending order: there are few of them.
        Span<double> nearest = stackalloc double[Math.Min(Neighbors, Rows.Count)];
        nearest.Fill(double.PositiveInfinity);
        for (var r = 0; r < Rows.Count; r++)
        {
            var distance = OutOfScopeScores.SquaredDistance(row, Rows[r]);
            if (distance >= nearest[^1]) continue;
            var at = nearest.Length - 1;
            for (; at > 0 && nearest[at - 1] > distance; at--) nearest[at] = nearest[at - 1];
            nearest[at] = distance;
        }
        var sum = 0.0;
        foreach (var distance in nearest) sum += Math.Sqrt(distance);
        return sum / nearest.Length;
    }
}
