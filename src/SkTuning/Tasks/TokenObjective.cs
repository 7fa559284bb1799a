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

    public override IReadOnlyList<string> Metrics { get; } = EntityTags.MarksEntities(tags) ? [EntityF1, "accuracy", "macro-f1", LossMetric] : ["accuracy", "macro-f1", "weighted-f1", LossMetric];

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
