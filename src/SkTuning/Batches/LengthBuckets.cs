using SkTuning.Data;

namespace SkTuning.Batches;

/// <summary>
/// Batches of rows of like length, so that little is padded: rows are shuffled, sorted by length within pools of many batches, cut, and the batches shuffled
/// again. The order of an epoch depends on seed and epoch alone.
/// </summary>
internal static class LengthBuckets
{
    private const int BatchesAPool = 32;

    /// <summary>One epoch: every row once.</summary>
    public static IReadOnlyList<int[]> Shuffled(IReadOnlyList<int> lengths, int batchSize, ulong seed, int epoch)
    {
        var random = new Shuffler(seed + 0x9E3779B97F4A7C15 * (ulong)(epoch + 1));
        var order = Enumerable.Range(0, lengths.Count).ToArray();
        random.Shuffle<int>(order);
        var batches = order.Chunk(batchSize * BatchesAPool).SelectMany(pool => pool.OrderBy(i => lengths[i]).Chunk(batchSize)).ToArray();
        random.Shuffle<int[]>(batches);
        return batches;
    }

    /// <summary>Longest first, cut so that a batch holds at most so many rows and padded tokens: for evaluation and prediction.</summary>
    public static IEnumerable<int[]> ByLength(IReadOnlyList<int> lengths, int mostRows, int mostTokens)
    {
        var batch = new List<int>();
        var width = 1;
        foreach (var i in Enumerable.Range(0, lengths.Count).OrderByDescending(i => lengths[i]))
        {
            if (batch.Count > 0 && (batch.Count == mostRows || (batch.Count + 1L) * width > mostTokens))
            {
                yield return [.. batch];
                batch.Clear();
            }
            if (batch.Count == 0) width = Math.Max(lengths[i], 1);
            batch.Add(i);
        }
        if (batch.Count > 0) yield return [.. batch];
    }
}
