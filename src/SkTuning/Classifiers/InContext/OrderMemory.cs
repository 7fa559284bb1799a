namespace SkTuning.Classifiers.InContext;

/// <summary>
/// An episodic memory of orders (POEM, arXiv 2408.07465): for each text that was tried, its state and the best reward of each order. A new text gets the order
/// for which the most similar texts vote, each with its reward times its similarity.
/// </summary>
/// <param name="limit">The maximum number of texts. A further one takes the place of the oldest.</param>
internal sealed class OrderMemory(int limit)
{
    private readonly List<OrderEpisode> _episodes = [];

    /// <summary>The texts, oldest first.</summary>
    public IReadOnlyList<OrderEpisode> Episodes => _episodes;

    /// <summary>Keeps the reward of an order for a text, if there is no larger one.</summary>
    /// <param name="text">What the text is known by.</param>
    /// <param name="state">The state of the text.</param>
    /// <param name="order">The ranks (<see cref="RankOrders"/>).</param>
    /// <param name="reward">The reward, 0 or more.</param>
    public void Write(string text, float[] state, IReadOnlyList<int> order, double reward)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(reward);
        var episode = _episodes.Find(e => e.Text == text);
        if (episode is null)
        {
            if (_episodes.Count == limit) _episodes.RemoveAt(0);
            _episodes.Add(episode = new(text, state, new(StringComparer.Ordinal)));
        }
        var key = RankOrders.Key(order);
        episode.Rewards[key] = Math.Max(reward, episode.Rewards.GetValueOrDefault(key));
    }

    /// <summary>Adds a text that was read from a file.</summary>
    public void Add(OrderEpisode episode) => _episodes.Add(episode);

    /// <summary>Forgets a text; false if it is not known.</summary>
    public bool Forget(string text) => _episodes.RemoveAll(e => e.Text == text) > 0;

    /// <summary>Returns the ranks of the best order for a state; null if the memory is empty.</summary>
    /// <param name="state">The state.</param>
    /// <param name="neighbors">The number of texts that vote.</param>
    public int[]? Best(float[] state, int neighbors)
    {
        var votes = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var (episode, similarity) in _episodes.Select(e => (e, Cosine(e.State, state))).OrderByDescending(e => e.Item2).Take(neighbors))
            foreach (var (order, reward) in episode.Rewards) votes[order] = votes.GetValueOrDefault(order) + (1 + similarity) * reward;
        return votes.Count == 0 ? null
            : [.. votes.OrderByDescending(v => v.Value).ThenBy(v => v.Key, StringComparer.Ordinal).First().Key.Split(',').Select(Rank)];

        static int Rank(string number) => int.Parse(number, System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Returns the cosine of two states; 0 if one of them has no direction.</summary>
    public static double Cosine(float[] a, float[] b)
    {
        var (product, ofA, ofB) = (0.0, 0.0, 0.0);
        for (var i = 0; i < a.Length; i++)
        {
            product += (double)a[i] * b[i];
            ofA += (double)a[i] * a[i];
            ofB += (double)b[i] * b[i];
        }
        return ofA == 0 || ofB == 0 ? 0 : product / Math.Sqrt(ofA * ofB);
    }
}

/// <summary>The rewards of the orders of one text.</summary>
/// <param name="Text">What the text is known by.</param>
/// <param name="State">Its state.</param>
/// <param name="Rewards">The best reward of each order.</param>
internal sealed record OrderEpisode(string Text, float[] State, SortedDictionary<string, double> Rewards);
