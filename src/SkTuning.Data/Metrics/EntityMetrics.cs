namespace SkTuning.Metrics;

/// <summary>Compares predicted entities with true ones. An entity is correct only if its type, first token, and last token are.</summary>
public static class EntityMetrics
{
    /// <summary>Compares entities as the CoNLL script reads them (<see cref="EntityTags.ReadConll"/>), which tolerates invalid tag sequences.</summary>
    /// <param name="truth">The true tags of every sentence.</param>
    /// <param name="predicted">The predicted tags, as many per sentence.</param>
    /// <exception cref="SkTuningException">There are no sentences, the numbers of sentences or tokens differ, or a tag is unknown.</exception>
    public static EntityReport Conll(IReadOnlyList<string[]> truth, IReadOnlyList<string[]> predicted) => Report(truth, predicted, EntityTags.ReadConll);

    /// <summary>Compares only entities whose tags follow the scheme (<see cref="EntityTags.ReadStrict"/>).</summary>
    /// <param name="truth">The true tags of every sentence.</param>
    /// <param name="predicted">The predicted tags, as many per sentence.</param>
    /// <param name="scheme">The scheme of the tags. The default is <see cref="EntityScheme.Bio2"/>.</param>
    /// <exception cref="SkTuningException">See <see cref="Conll"/>.</exception>
    public static EntityReport Strict(IReadOnlyList<string[]> truth, IReadOnlyList<string[]> predicted, EntityScheme scheme = EntityScheme.Bio2)
        => Report(truth, predicted, tags => EntityTags.ReadStrict(tags, scheme));

    /// <summary>Returns the fraction of all tokens whose tag was predicted; NaN if there are no tokens.</summary>
    /// <exception cref="SkTuningException">There are no sentences, or the numbers of sentences or tokens differ.</exception>
    public static double TokenAccuracy(IReadOnlyList<string[]> truth, IReadOnlyList<string[]> predicted)
    {
        Shapes(truth, predicted);
        var (right, tokens) = (0.0, 0);
        foreach (var (t, p) in truth.Zip(predicted)) (right, tokens) = (right + t.Zip(p).Count(x => x.First == x.Second), tokens + t.Length);
        return right / tokens;
    }

    private static EntityReport Report(IReadOnlyList<string[]> truth, IReadOnlyList<string[]> predicted, Func<string[], IReadOnlyList<EntitySpan>> read)
    {
        Shapes(truth, predicted);
        var counts = new SortedDictionary<string, (int Right, int Predicted, int True)>(StringComparer.Ordinal);
        foreach (var (t, p) in truth.Zip(predicted))
        {
            var own = read(t).ToHashSet();
            foreach (var span in own) Count(span, 0, 0, 1);
            foreach (var span in read(p)) Count(span, own.Contains(span) ? 1 : 0, 1, 0);
        }
        var types = counts.Select(c => new ClassScores(c.Key, Scores.Of(c.Value.Right, c.Value.Predicted, c.Value.True), c.Value.True)).ToArray();
        var micro = Scores.Of(counts.Values.Sum(c => c.Right), counts.Values.Sum(c => c.Predicted), counts.Values.Sum(c => c.True));
        var macro = Scores.Mean(types.Select(t => t.Scores).ToArray(), _ => 1);
        return new(truth.Count, truth.Sum(t => t.Length), TokenAccuracy(truth, predicted), true, micro, macro, types);

        void Count(EntitySpan span, int right, int guessed, int own)
        {
            var c = counts.GetValueOrDefault(span.Type);
            counts[span.Type] = (c.Right + right, c.Predicted + guessed, c.True + own);
        }
    }

    private static void Shapes(IReadOnlyList<string[]> truth, IReadOnlyList<string[]> predicted)
    {
        Check.Rows("Entity metrics", truth.Count, predicted.Count);
        for (var i = 0; i < truth.Count; i++)
            if (truth[i].Length != predicted[i].Length)
                throw new SkTuningException(
                    $"Entity metrics: sentence {i + 1} has {predicted[i].Length} predicted tags, expected {truth[i].Length}, one per token.");
    }
}
