using SkTuning.Data;

namespace SkTuning.Classifiers.InContext;

/// <summary>A text whose label is known.</summary>
/// <param name="Text">What the text is known by.</param>
/// <param name="State">Its state.</param>
/// <param name="Similarities">Its similarity to each demonstration.</param>
internal sealed record OrderItem(string Text, float[] State, double[] Similarities);

/// <summary>Tries orders of the demonstrations on texts whose label is known.</summary>
internal static class OrderTrials
{
    /// <summary>Writes the rewards of sampled orders into a memory.</summary>
    /// <param name="memory">The memory.</param>
    /// <param name="items">The texts, at least one.</param>
    /// <param name="demonstrations">The number of demonstrations.</param>
    /// <param name="tried">The number of orders for each text.</param>
    /// <param name="random">Samples the orders.</param>
    /// <param name="score">Returns the reward of an order of the demonstrations for each of some texts, by their indices.</param>
    /// <returns>
    /// The order of the demonstrations with the highest mean reward, each reward relative to the mean of its text: the best static order.
    /// </returns>
    public static int[] Run(OrderMemory memory, IReadOnlyList<OrderItem> items, int demonstrations, int tried, Shuffler random,
        Func<int[], IReadOnlyList<int>, double[]> score)
    {
        var trials = new SortedDictionary<string, List<(int Item, int[] Ranks, int[] Order)>>(StringComparer.Ordinal);
        foreach (var (i, item) in items.Index())
        {
            foreach (var ranks in RankOrders.Sample(demonstrations, tried, random))
            {
                var order = RankOrders.Decode(ranks, item.Similarities);
                if (!trials.TryGetValue(RankOrders.Key(order), out var same)) trials[RankOrders.Key(order)] = same = [];
                same.Add((i, ranks, order));
            }
        }
        // All texts of an order at once: the model reads the demonstrations once for them.
        var results = new List<(int Item, int[] Ranks, int[] Order, double Reward)>();
        foreach (var same in trials.Values)
            results.AddRange(same.Zip(score(same[0].Order, [.. same.Select(t => t.Item)]), (t, reward) => (t.Item, t.Ranks, t.Order, reward)));
        var means = results.GroupBy(r => r.Item).ToDictionary(g => g.Key, g => g.Average(r => r.Reward));
        foreach (var (i, ranks, _, reward) in results.OrderBy(r => r.Item)) memory.Write(items[i].Text, items[i].State, ranks, reward);
        return results.GroupBy(r => RankOrders.Key(r.Order), StringComparer.Ordinal).OrderByDescending(g => g.Average(r => r.Reward - means[r.Item]))
            .ThenBy(g => g.Key, StringComparer.Ordinal).First().First().Order;
    }
}
