using SkTuning.Batches;
using SkTuning.Metrics;
using SkTuning.Models;
using SkTuning.Native;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SkTuning.Tasks;

/// <summary>One class for each answer: cross-entropy.</summary>
/// <param name="labels">The classes.</param>
/// <param name="labelSmoothing">The part of each target that all classes share.</param>
/// <param name="classWeights">What each class counts in the loss, [C]; null: all the same.</param>
internal class SingleLabelObjective(LabelSet labels, double labelSmoothing = 0, double[]? classWeights = null) : Objective
{
    public const string Name = "single-label";

    public override string Task => Name;

    public override IReadOnlyList<string> Metrics { get; } = ["accuracy", "macro-f1", "weighted-f1", "mcc", "kappa", LossMetric];

    protected LabelSet Labels => labels;

    protected double LabelSmoothing => labelSmoothing;

    public override Tensor Targets(IReadOnlyList<EncodedRow> rows, Device device) => tensor(rows.SelectMany(r => r.Classes).Select(c => (long)c).ToArray(), device: device);

    public override Tensor Loss(Tensor outputs, Tensor targets)
    {
        var weights = classWeights is null ? null : Devices.Send(tensor(classWeights, dtype: ScalarType.Float32), outputs.device);
        return F.cross_entropy(outputs, targets, weights, label_smoothing: labelSmoothing);
    }

    public override Tensor PlainLoss(Tensor outputs, Tensor targets) => F.cross_entropy(outputs, targets);

    public override Tensor PairLoss(Tensor scores, Tensor fits, Tensor targets)
    {
        var losses = F.binary_cross_entropy_with_logits(scores, (fits * (1 - labelSmoothing).Kept()).Plus((labelSmoothing / 2).Kept()), reduction: TorchSharp.torch.nn.Reduction.None);
        if (classWeights is null) return losses.mean();
        var weights = Devices.Send(tensor(classWeights, dtype: losses.dtype), scores.device).index_select(0, targets);
        var both = cat([weights, weights], 0);
        return (losses * both).sum() / both.sum();
    }

    // Smoothing spreads a part of each target over all classes, but torch divides by the weights of the targets themselves.
    public override double Weight(IReadOnlyList<EncodedRow> rows) => classWeights is null ? base.Weight(rows) : rows.SelectMany(r => r.Classes).Sum(c => classWeights[c]);

    public override Objective Weighted(double[] weights) => new SingleLabelObjective(labels, labelSmoothing, weights);

    public override double Score(string metric, Tensor outputs, IReadOnlyList<EncodedRow> rows)
    {
        int[] truth = [.. rows.SelectMany(r => r.Classes)], predicted = Best(outputs);
        if (metric == "accuracy") return ClassificationMetrics.Accuracy(truth, predicted);
        var report = ClassificationReport.Of(labels, truth, predicted);
        return metric switch
        {
            "macro-f1" => report.Macro.F1,
            "weighted-f1" => report.Weighted.F1,
            "mcc" => report.MatthewsCorrelation,
            _ => report.CohenKappa,
        };
    }

    /// <summary>The best class of each answer.</summary>
    public static int[] Best(Tensor outputs)
    {
        using var scope = NewDisposeScope();
        return [.. outputs.argmax(1).data<long>().ToArray().Select(c => (int)c)];
    }
}
