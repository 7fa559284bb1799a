using SkTuning.Batches;
using SkTuning.Metrics;
using static TorchSharp.torch;

namespace SkTuning.Tasks;

/// <summary>A tag for each word: cross-entropy over all words, and the F1 of whole entities where the tags mark such.</summary>
internal sealed class TokenObjective(LabelSet tags, double labelSmoothing = 0, double[]? classWeights = null) : SingleLabelObjective(tags, labelSmoothing, classWeights)
{
    public new const string Name = "tokens";

    private const string EntityF1 = "entity-f1";

    public override string Task => Name;

    public override IReadOnlyList<string> Metrics { get; } = MarksEntities(tags) ? [EntityF1, "accuracy", "macro-f1", LossMetric] : ["accuracy", "macro-f1", "weighted-f1", LossMetric];

    /// <summary>True when every tag is O or has the prefix of an entity's place.</summary>
    public static bool MarksEntities(IEnumerable<string> tags) => tags.All(t => t == "O" || t.Length > 2 && t[1] == '-' && "BIES".Contains(t[0]));

    public override Objective Weighted(double[] weights) => new TokenObjective(Labels, LabelSmoothing, weights);

    public override double Score(string metric, Tensor outputs, IReadOnlyList<EncodedRow> rows)
    {
        if (metric != EntityF1) return base.Score(metric, outputs, rows);
        var predicted = Best(outputs);
        var (truths, found, at) = (new List<string[]>(rows.Count), new List<string[]>(rows.Count), 0);
        foreach (var row in rows)
        {
            truths.Add([.. row.Classes.Select(c => Labels[c])]);
            found.Add([.. row.Classes.Select((_, i) => Labels[predicted[at + i]])]);
            at += row.Classes.Length;
        }
        return EntityMetrics.Conll(truths, found).Micro.F1;
    }
}
