using SkTuning.Clusters;
using SkTuning.Data;

namespace SkTuning.Diagnostics;

/// <summary>
/// Chooses rows without knowing any label (TypiClust, arXiv 2202.02794): as many clusters as there will be labeled rows, and the most typical row of each
/// cluster without a labeled one, the largest cluster first.
/// </summary>
internal static class TypicalRows
{
    /// <summary>The number of clusters up to which each labeled row has one of its own.</summary>
    private const int UsualClusters = 500;

    /// <summary>One choice.</summary>
    /// <param name="Index">The index of the candidate.</param>
    /// <param name="Score">Its typicality.</param>
    /// <param name="Size">The number of candidates in its cluster.</param>
    /// <param name="Labeled">The number of labeled or chosen rows in its cluster.</param>
    public readonly record struct Choice(int Index, double Score, int Size, int Labeled);

    /// <summary>Chooses candidates.</summary>
    /// <param name="points">The features of the candidates and, after them, of the labeled rows.</param>
    /// <param name="candidates">The number of candidates.</param>
    /// <param name="count">The number of rows to choose.</param>
    /// <param name="random">The random numbers.</param>
    /// <param name="cancellationToken">Cancels between passes.</param>
    public static IReadOnlyList<Choice> Of(Vectors points, int candidates, int count, Shuffler random, CancellationToken cancellationToken)
    {
        var labeled = points.Count - candidates;
        var clusters = Math.Min(points.Count, Math.Min(count + labeled, Math.Max(count, UsualClusters)));
        var start = KMeans.Start(points, clusters, null, random, cancellationToken);
        var assigned = KMeans.Fit(points, start, null, cancellationToken).Assignments;
        var members = new List<int>[clusters];
        var covered = new int[clusters];
        for (var c = 0; c < clusters; c++) members[c] = [];
        for (var i = 0; i < points.Count; i++)
        {
            if (i < candidates) members[assigned[i]].Add(i);
            else covered[assigned[i]]++;
        }
        var chosen = new List<Choice>(Math.Min(count, candidates));
        var left = Enumerable.Range(0, clusters).Select(c => Ranked(points, members[c], cancellationToken)).ToArray();
        while (chosen.Count < Math.Min(count, candidates))
        {
            // The cluster with the fewest labeled rows, of these the largest, of these the first.
            var next = -1;
            for (var c = 0; c < clusters; c++)
                if (left[c].Count > 0 && (next < 0 || (covered[c], -members[c].Count).CompareTo((covered[next], -members[next].Count)) < 0)) next = c;
            var (index, score) = left[next].Dequeue();
            chosen.Add(new(index, score, members[next].Count, covered[next]++));
        }
        return chosen;
    }

    /// <summary>Returns the members of a cluster, the most typical first.</summary>
    private static Queue<(int Index, double Score)> Ranked(Vectors points, List<int> members, CancellationToken cancellationToken)
        => new(members.Zip(Typicality.Of(points, members, cancellationToken)).OrderByDescending(m => m.Second));
}
