namespace SkTuning.Metrics;

/// <summary>Entities found against entities there: one counts as right only with the same type, first and last token.</summary>
public static class EntityMetrics
{
    /// <summary>Entities as the CoNLL script reads them (<see cref="EntityTags.ReadConll"/>), which forgives illegal tag sequences.</summary>
    /// <param name="truth">The true tags of every sentence.</param>
    /// <param name="predicted">As many predicted tags.</param>
    /// <exception cref="SkTuningException">No sentences, unequal numbers of sentences or tokens, or an unknown tag.</exception>
    public static EntityReport Conll(IReadOnlyList<string[]> truth, IReadOnlyList<string[]> predicted) => Report(truth, predicted, EntityTags.ReadConll);

    /// <summary>Only entities tagged as the scheme asks for (<see cref="EntityTags.ReadStrict"/>).</summary>
    /// <param name="truth">The true tags of every sentence.</param>
    /// <param name="predicted">As many predicted tags.</param>
    /// <param name="scheme">How tags mark entities.</param>
    /// <exception cref="SkTuningException">As <see cref="Conll"/>.</exception>
    public static EntityReport Strict(IReadOnlyList<string[]> truth, IReadOnlyList<string[]> predicted, EntityScheme scheme = EntityScheme.Bio2)
        => Report(truth, predicted, tags => EntityTags.ReadStrict(tags, scheme));

    /// <summary>The part of all tokens whose tag was predicted; NaN where no sentence has one.</summary>
    /// <exception cref="SkTuningException">No sentences, or unequal numbers of sentences or tokens.</exception>
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
        var counts = new SortedDictionary<string, (int Right, int Predicted, int There)>(StringComparer.Ordinal);
        foreach (var (t, p) in truth.Zip(predicted))
        {
            var there = read(t).ToHashSet();
            foreach (var span in there) Count(span, 0, 0, 1);
            foreach (var span in read(p)) Count(span, there.Contains(span) ? 1 : 0, 1, 0);
        }
        var types = counts.Select(c => new ClassScores(c.Key, Scores.Of(c.Value.Right, c.Value.Predicted, c.Value.There), c.Value.There)).ToArray();
        return new(Scores.Of(counts.Values.Sum(c => c.Right), counts.Values.Sum(c => c.Predicted), counts.Values.Sum(c => c.There)),
            Scores.Mean(types.Select(t => t.Scores).ToArray(), _ => 1), types);

        void Count(EntitySpan span, int right, int guessed, int there)
        {
            var c = counts.GetValueOrDefault(span.Type);
            counts[span.Type] = (c.Right + right, c.Predicted + guessed, c.There + there);
        }
    }

    private static void Shapes(IReadOnlyList<string[]> truth, IReadOnlyList<string[]> predicted)
    {
        Check.Rows("Entity metrics", truth.Count, predicted.Count);
        for (var i = 0; i < truth.Count; i++)
            if (truth[i].Length != predicted[i].Length)
                throw new SkTuningException($"Entity metrics: sentence {i + 1} has {predicted[i].Length} predicted tags, expected {truth[i].Length}, one for each token.");
    }
}
