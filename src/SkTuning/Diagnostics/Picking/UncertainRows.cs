using SkTuning.Clusters;
using SkTuning.Data;

namespace SkTuning.Diagnostics;

/// <summary>
/// Chooses rows that an adapter is uncertain about and that differ from each other (arXiv 1901.05954): the most uncertain candidates are clustered, each with
/// its uncertainty as its weight, and the most uncertain row of each cluster is chosen. Clusters keep the choice representative: sampling far from what was
/// chosen before prefers outliers.
/// </summary>
internal static class UncertainRows
{
    /// <summary>How many candidates for each row to choose are clustered.</summary>
    private const int PerRow = 10;

    /// <summary>One choice.</summary>
    /// <param name="Index">The index of the candidate.</param>
    /// <param name="Size">The number of uncertain candidates in its cluster.</param>
    public readonly record struct Choice(int Index, int Size);

    /// <summary>Chooses candidates, the most uncertain first.</summary>
    /// <param name="points">The features of the candidates.</param>
    /// <param name="uncertainty">The uncertainty of each candidate, from 0 to 1.</param>
    /// <param name="count">The number of rows to choose.</param>
    /// <param name="random">The random numbers.</param>
    /// <param name="cancellationToken">Cancels between passes.</param>
    public static IReadOnlyList<Choice> Of(Vectors points, double[] uncertainty, int count, Shuffler random, CancellationToken cancellationToken)
    {
        count = Math.Min(count, points.Count);
        int[] uncertain = [.. Enumerable.Range(0, points.Count).OrderByDescending(i => uncertainty[i]).Take((int)Math.Min(points.Count, (long)count * PerRow))];
        var (near, weights) = (points.Select(uncertain), uncertain.Select(i => uncertainty[i]).ToArray());
        var clusters = KMeans.Fit(near, KMeans.Start(near, count, weights, random, cancellationToken), weights, cancellationToken);
        // Candidates are in descending order of uncertainty: the first of a cluster is its most uncertain one.
        var groups = Enumerable.Range(0, uncertain.Length).GroupBy(i => clusters.Assignments[i]).Select(g => g.ToArray()).ToList();
        var chosen = groups.Select(g => (Place: g[0], Size: g.Length)).ToList();
        // Equal features leave clusters empty.
        var rest = groups.SelectMany(g => g.Skip(1).Select(i => (Place: i, Size: g.Length))).OrderBy(r => r.Place).Take(count - chosen.Count);
        return [.. chosen.Concat(rest).OrderBy(c => c.Place).Select(c => new Choice(uncertain[c.Place], c.Size))];
    }
}
