using SkTuning.Data;

namespace SkTuning.Batches;

/// <summary>
/// Splits rows into batches of equal size with about the same share of every class, so that with few rows no step sees only some of the classes. The order of
/// an epoch depends only on the seed and the epoch.
/// </summary>
internal static class BalancedBatches
{
    /// <summary>Returns the batches of one epoch, with every row once.</summary>
    /// <param name="classes">The class of each row.</param>
    /// <param name="batchSize">The maximum number of rows of a batch.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="epoch">The number of the epoch.</param>
    public static IReadOnlyList<int[]> Shuffled(IReadOnlyList<int> classes, int batchSize, ulong seed, int epoch)
    {
        var random = new Shuffler(seed + 0x9E3779B97F4A7C15 * (ulong)(epoch + 1));
        var order = Enumerable.Range(0, classes.Count).ToArray();
        random.Shuffle<int>(order);
        var seen = new Dictionary<int, int>();
        var counts = classes.CountBy(c => c).ToDictionary();
        // The k-th of a class's n rows lies at (k + 1/2) / n of the epoch; equal places keep the random order.
        var places = order.Select(i => (Row: i, Place: (Next(classes[i]) + 0.5) / counts[classes[i]]));
        var rows = places.OrderBy(p => p.Place).Select(p => p.Row).ToArray();
        var batches = (rows.Length + batchSize - 1) / batchSize;
        return [.. Enumerable.Range(0, batches).Select(b => rows[(int)((long)rows.Length * b / batches)..(int)((long)rows.Length * (b + 1) / batches)])];

        int Next(int label)
        {
            var k = seen.GetValueOrDefault(label);
            seen[label] = k + 1;
            return k;
        }
    }
}
