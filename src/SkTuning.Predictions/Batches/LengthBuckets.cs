using SkTuning.Data;

namespace SkTuning.Batches;

/// <summary>
/// Splits rows into batches of similar length, to save padding: the rows are shuffled, sorted by length within pools of many batches, and divided into batches,
/// which are shuffled again. The order of an epoch depends only on the seed and the epoch.
/// </summary>
internal static class LengthBuckets
{
    private const int BatchesPerPool = 32;

    /// <summary>Returns the batches of one epoch, with every row once.</summary>
    public static IReadOnlyList<int[]> Shuffled(IReadOnlyList<int> lengths, int batchSize, ulong seed, int epoch)
    {
        var random = new Shuffler(seed + 0x9E3779B97F4A7C15 * (ulong)(epoch + 1));
        var order = Enumerable.Range(0, lengths.Count).ToArray();
        random.Shuffle<int>(order);
        var batches = order.Chunk(batchSize * BatchesPerPool).SelectMany(pool => pool.OrderBy(i => lengths[i]).Chunk(batchSize)).ToArray();
        random.Shuffle<int[]>(batches);
        return batches;
    }

    /// <summary>Returns batches for evaluation and prediction, longest rows first, with limited numbers of rows and padded tokens.</summary>
    /// <param name="lengths">The number of tokens of each row.</param>
    /// <param name="mostRows">The maximum number of rows of a batch.</param>
    /// <param name="maxTokens">The maximum number of tokens of a batch, padding included.</param>
    /// <param name="rowsOf">The maximum number of rows of a length, where memory limits it; null: memory does not.</param>
    public static IEnumerable<int[]> ByLength(IReadOnlyList<int> lengths, int mostRows, int maxTokens, Func<int, int>? rowsOf = null)
    {
        var batch = new List<int>();
        var (width, maxRows) = (1, mostRows);
        foreach (var i in Enumerable.Range(0, lengths.Count).OrderByDescending(i => lengths[i]))
        {
            if (batch.Count > 0 && (batch.Count == maxRows || (batch.Count + 1L) * width > maxTokens))
            {
                yield return [.. batch];
                batch.Clear();
            }
            if (batch.Count == 0)
            {
                width = Math.Max(lengths[i], 1);
                maxRows = Math.Clamp(rowsOf?.Invoke(width) ?? mostRows, 1, mostRows);
            }
            batch.Add(i);
        }
        if (batch.Count > 0) yield return [.. batch];
    }
}
