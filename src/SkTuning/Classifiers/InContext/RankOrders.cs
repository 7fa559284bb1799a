using SkTuning.Data;

namespace SkTuning.Classifiers.InContext;

/// <summary>
/// Orders of demonstrations, as the rank of the similarity to the query at each position: 0 is the most similar one. Written so, an order that was good for one
/// query means something for another one, and does not depend on how the demonstrations are numbered.
/// </summary>
internal static class RankOrders
{
    /// <summary>Returns the ranks of an order of demonstrations.</summary>
    /// <param name="order">The number of the demonstration at each position.</param>
    /// <param name="similarities">The similarity of each demonstration to the query.</param>
    public static int[] Encode(IReadOnlyList<int> order, IReadOnlyList<double> similarities)
    {
        var ranks = new int[similarities.Count];
        foreach (var (rank, demonstration) in BySimilarity(similarities).Index()) ranks[demonstration] = rank;
        return [.. order.Select(d => ranks[d])];
    }

    /// <summary>Returns the order of demonstrations with given ranks.</summary>
    public static int[] Decode(IReadOnlyList<int> ranks, IReadOnlyList<double> similarities)
    {
        var sorted = BySimilarity(similarities);
        return [.. ranks.Select(r => sorted[r])];
    }

    /// <summary>Returns the order in which the most similar demonstration is the last one, next to the query.</summary>
    public static int[] MostSimilarLast(int count) => [.. Enumerable.Range(0, count).Reverse()];

    /// <summary>Returns different orders in random sequence: as many as asked for, or all there are.</summary>
    public static IReadOnlyList<int[]> Sample(int demonstrations, int count, Shuffler random)
    {
        var all = Enumerable.Range(1, demonstrations).Aggregate(1, (product, factor) => product * factor);
        if (count >= all)
        {
            int[][] orders = [.. All([], demonstrations)];
            random.Shuffle<int[]>(orders);
            return orders;
        }
        var drawn = new Dictionary<string, int[]>(StringComparer.Ordinal);
        while (drawn.Count < count)
        {
            int[] order = [.. Enumerable.Range(0, demonstrations)];
            random.Shuffle<int>(order);
            drawn.TryAdd(Key(order), order);
        }
        return [.. drawn.OrderBy(d => d.Key, StringComparer.Ordinal).Select(d => d.Value)];
    }

    public static string Key(IEnumerable<int> order) => string.Join(',', order);

    /// <summary>Equally similar demonstrations keep their sequence.</summary>
    private static int[] BySimilarity(IReadOnlyList<double> similarities)
        => [.. Enumerable.Range(0, similarities.Count).OrderByDescending(d => similarities[d])];

    private static IEnumerable<int[]> All(int[] begun, int count)
        => begun.Length == count ? [begun] : Enumerable.Range(0, count).Where(d => !begun.Contains(d)).SelectMany(d => All([.. begun, d], count));
}
