using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Data;
using SkTuning.Tasks;

namespace SkTuning.Training.Pruning;

/// <summary>Chooses the feed-forward units that a model keeps.</summary>
internal static class UnitChoice
{
    /// <summary>True if the units are chosen by means of a trained adapter.</summary>
    public static bool ReadsAdapter(PruningScore by) => by is PruningScore.Attribution or PruningScore.Activation;

    /// <summary>Chooses units by a score that needs no adapter.</summary>
    /// <param name="options">The options.</param>
    /// <param name="model">The whole model.</param>
    /// <param name="seed">The seed of random scores.</param>
    public static PrunedUnits Of(PruningOptions options, FrozenModel model, ulong seed)
        => Of(options, model, options.By == PruningScore.Random ? UnitScores.Random(model.Transformer, seed)
            : UnitScores.Magnitude(model.Transformer, model.Device));

    /// <summary>Chooses units by means of an adapter.</summary>
    /// <param name="options">The options.</param>
    /// <param name="adapter">The adapter, on the whole model.</param>
    /// <param name="rows">The training rows.</param>
    /// <param name="objective">The task.</param>
    /// <param name="seed">The seed that draws some of many rows.</param>
    /// <param name="cancellationToken">Cancels between rows.</param>
    public static PrunedUnits Of(PruningOptions options, AdapterModel adapter, IReadOnlyList<EncodedRow> rows, Objective objective, ulong seed,
        CancellationToken cancellationToken)
    {
        if (rows.Count > options.Rows)
        {
            var drawn = Enumerable.Range(0, rows.Count).ToArray();
            new Shuffler(seed).Shuffle(drawn.AsSpan());
            rows = [.. drawn.Take(options.Rows).Order().Select(r => rows[r])];
        }
        return Of(options, adapter.Model, options.By == PruningScore.Activation ? UnitScores.Activation(adapter, rows, cancellationToken)
            : UnitScores.Attribution(adapter, rows, objective, cancellationToken));
    }

    private static PrunedUnits Of(PruningOptions options, FrozenModel model, double[][] scores) => new()
    {
        By = options.By,
        Keep = options.Keep,
        Units = model.Config.FeedForward.Size,
        Kept = Highest(scores, [.. Enumerable.Range(0, scores.Length).Select(model.Transformer.LayerName)], options.Keep, options.AcrossLayers),
    };

    /// <summary>Returns the units with the highest scores, ascending, for each layer. Of equal scores, the lower unit is kept.</summary>
    /// <param name="scores">The scores of each layer.</param>
    /// <param name="weights">The name of each layer's weights: layers with the same name keep the same units, by the sum of their scores.</param>
    /// <param name="keep">The share to keep.</param>
    /// <param name="acrossLayers">The units of all layers compete. Each layer keeps one or more.</param>
    internal static IReadOnlyList<int[]> Highest(double[][] scores, IReadOnlyList<string> weights, double keep, bool acrossLayers)
    {
        List<double[]> parts = [.. weights.Distinct(StringComparer.Ordinal).Select(name => Sum(scores.Where((_, l) => weights[l] == name)))];
        int[][] ranked = [.. parts.Select(s => Enumerable.Range(0, s.Length).OrderByDescending(u => s[u]).ThenBy(u => u).ToArray())];
        int[] counts = [.. parts.Select(s => acrossLayers ? 1 : Count(s.Length))];
        if (acrossLayers)
        {
            var rest = ranked.SelectMany((units, part) => units.Skip(1).Select(unit => (Part: part, Score: parts[part][unit])));
            var more = Count(parts.Sum(s => s.Length)) - parts.Count;
            foreach (var (part, _) in rest.OrderByDescending(u => u.Score).Take(Math.Max(0, more))) counts[part]++;
        }
        var kept = weights.Distinct(StringComparer.Ordinal).Select((name, p) => KeyValuePair.Create(name, ranked[p].Take(counts[p]).Order().ToArray()))
            .ToDictionary(StringComparer.Ordinal);
        return [.. weights.Select(name => kept[name])];

        int Count(int all) => Math.Clamp((int)Math.Round(keep * all), 1, all);
    }

    private static double[] Sum(IEnumerable<double[]> scores) => scores.Aggregate((a, b) => [.. a.Zip(b, (x, y) => x + y)]);
}
