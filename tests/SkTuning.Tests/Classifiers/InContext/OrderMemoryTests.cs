using SkTuning.Classifiers.InContext;
using SkTuning.Data;

namespace SkTuning.Tests.Classifiers.InContext;

/// <summary>Ranks instead of numbers, the memory, and what is learned from a scorer whose preference is known.</summary>
public sealed class OrderMemoryTests
{
    [Fact]
    public void Ranks_do_not_depend_on_how_the_demonstrations_are_numbered()
    {
        double[] similarities = [0.1, 0.9, -0.3, 0.5];
        int[] order = [2, 1, 3, 0];
        Assert.Equal([3, 0, 1, 2], RankOrders.Encode(order, similarities));
        Assert.Equal(order, RankOrders.Decode(RankOrders.Encode(order, similarities), similarities));
        // Demonstration d is now number[d].
        int[] number = [3, 0, 2, 1];
        var moved = new double[4];
        foreach (var (d, n) in number.Index()) moved[n] = similarities[d];
        Assert.Equal(RankOrders.Encode(order, similarities), RankOrders.Encode([.. order.Select(d => number[d])], moved));
        Assert.Equal([2, 0, 3, 1], RankOrders.Decode(RankOrders.MostSimilarLast(4), similarities));
    }

    [Theory, InlineData(4, 24, 24), InlineData(4, 100, 24), InlineData(5, 7, 7), InlineData(1, 1, 1)]
    public void Different_orders_are_sampled_or_all_of_them(int demonstrations, int count, int expected)
    {
        var sampled = RankOrders.Sample(demonstrations, count, new Shuffler(3));
        Assert.Equal(expected, sampled.Select(RankOrders.Key).Distinct().Count());
        Assert.Equal(expected, sampled.Count);
        Assert.All(sampled, s => Assert.Equal(Enumerable.Range(0, demonstrations), s.Order()));
        Assert.Equal(sampled.Select(RankOrders.Key), RankOrders.Sample(demonstrations, count, new Shuffler(3)).Select(RankOrders.Key));
    }

    [Fact]
    public void A_stored_text_gets_its_own_best_order()
    {
        var memory = new OrderMemory(10);
        Assert.Null(memory.Best([1, 0], 1));
        memory.Write("a", [1, 0], [0, 1, 2], 0.5);
        memory.Write("a", [1, 0], [2, 1, 0], 0.7);
        memory.Write("a", [1, 0], [0, 1, 2], 0.2);                              // a smaller reward changes nothing
        memory.Write("b", [0, 1], [1, 0, 2], 0.6);
        Assert.Equal(2, memory.Episodes.Count);
        Assert.Equal(0.5, memory.Episodes[0].Rewards["0,1,2"]);
        Assert.Equal([2, 1, 0], memory.Best([1, 0], 1)!);
        Assert.Equal([1, 0, 2], memory.Best([0, 1], 1)!);
        memory.Write("a", [1, 0], [0, 1, 2], 0.9);
        Assert.Equal([0, 1, 2], memory.Best([1, 0], 1)!);
    }

    [Fact]
    public void Neighbors_vote_with_their_reward_times_their_similarity()
    {
        var memory = new OrderMemory(10);
        memory.Write("near", [1, 0], [0, 1], 0.5);
        memory.Write("far", [0, 1], [1, 0], 0.9);
        memory.Write("opposite", [-1, 0], [1, 0], 1);
        // The weights are 1 + cosine: 2 · 0.5 = 1 against 1 · 0.9 + 0 · 1.
        Assert.Equal([0, 1], memory.Best([1, 0], 3)!);
        memory.Write("far", [0, 1], [1, 0], 1.1);
        Assert.Equal([1, 0], memory.Best([1, 0], 3)!);
        Assert.Equal([0, 1], memory.Best([1, 0], 1)!);
    }

    [Fact]
    public void The_oldest_text_makes_room_and_a_text_can_be_forgotten()
    {
        var memory = new OrderMemory(2);
        foreach (var text in (string[])["a", "b", "c"]) memory.Write(text, [1, 1], [0, 1], 1);
        Assert.Equal(["b", "c"], memory.Episodes.Select(e => e.Text));
        Assert.False(memory.Forget("a"));
        Assert.True(memory.Forget("b"));
        Assert.Equal(["c"], memory.Episodes.Select(e => e.Text));
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.Write("d", [1, 1], [0, 1], -0.1));
    }

    /// <summary>
    /// The last demonstration decides, by its similarity to the text. The memory must find that the most similar one belongs last, which beats a random order
    /// and every static one.
    /// </summary>
    [Theory, InlineData(24), InlineData(6)]
    public void From_a_scorer_that_favors_the_last_demonstration_it_learns_to_put_the_most_similar_one_last(int tried)
    {
        var random = new Shuffler(5);
        OrderItem[] all = [.. Enumerable.Range(0, 60).Select(i => Item(i, random))];
        var (train, test) = (all[..40], all[40..]);
        var memory = new OrderMemory(100);
        var best = OrderTrials.Run(memory, train, 4, tried, new(1), (order, chosen) => [.. chosen.Select(i => Reward(train[i], order))]);
        var learned = test.Average(t => Reward(t, RankOrders.Decode(memory.Best(t.State, 16)!, t.Similarities)));
        Assert.Equal(test.Average(t => Reward(t, RankOrders.Decode(RankOrders.MostSimilarLast(4), t.Similarities))), learned, 1e-9);
        Assert.True(learned > test.Average(t => Reward(t, best)) + 0.1);
        Assert.True(learned > test.Average(t => Reward(t, RankOrders.Sample(4, 1, random)[0])) + 0.1);
        if (tried < 24) return;
        // All orders were tried: no other order of the demonstrations has a higher mean.
        var means = RankOrders.Sample(4, 24, new(1)).Select(order => train.Average(t => Reward(t, order))).ToList();
        Assert.Equal(means.Max(), train.Average(t => Reward(t, best)), 1e-9);

        static double Reward(OrderItem item, int[] order) => 0.5 + 0.4 * item.Similarities[order[^1]];

        static OrderItem Item(int i, Shuffler random)
        {
            float[] state = [.. Enumerable.Range(0, 4).Select(d => (d == i % 4 ? 1 : 0) + 0.2f * random.NextGaussian())];
            // The demonstrations are the four axes.
            var length = Math.Sqrt(state.Sum(v => (double)v * v));
            return new($"t{i}", state, [.. state.Select(v => v / length)]);
        }
    }
}
