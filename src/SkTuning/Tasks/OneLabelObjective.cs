using SkTuning.Batches;
using SkTuning.Models;
using SkTuning.Native;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SkTuning.Tasks;

/// <summary>One label for each row: what its objectives have in common, whether the labels have an order or not.</summary>
/// <param name="classes">C, the number of labels.</param>
/// <param name="labelSmoothing">The fraction of each target that all labels share.</param>
/// <param name="classWeights">The weight of each label in the loss, [C]; null if all are equal.</param>
internal abstract class OneLabelObjective(int classes, double labelSmoothing, double[]? classWeights) : ClassObjective(classes, labelSmoothing, classWeights)
{
    private readonly int _classes = classes;

    public override bool HasPairs => true;

    public override Tensor PairLoss(Tensor scores, Tensor matches, Tensor targets)
    {
        var losses = F.binary_cross_entropy_with_logits(scores, (matches * (1 - LabelSmoothing).Kept()).Plus((LabelSmoothing / 2).Kept()),
            reduction: TorchSharp.torch.nn.Reduction.None);
        if (ClassWeights is null) return losses.mean();
        var weights = Devices.Send(tensor(ClassWeights, dtype: losses.dtype), scores.device).index_select(0, targets);
        var both = cat([weights, weights], 0);
        return (losses * both).sum() / both.sum();
    }

    public override RidgeTargets? Ridge(IReadOnlyList<EncodedRow> rows)
    {
        // The targets of torch's cross-entropy with smoothing and weights, whose terms are summed here.
        var targets = new double[rows.Count * _classes];
        foreach (var (i, row) in rows.Index())
        {
            for (var c = 0; c < _classes; c++) targets[i * _classes + c] = LabelSmoothing / _classes * WeightOf(c);
            targets[i * _classes + row.Classes[0]] += (1 - LabelSmoothing) * WeightOf(row.Classes[0]);
        }
        return new(RidgeLoss.CrossEntropy, tensor(targets).view(rows.Count, _classes));

        double WeightOf(int label) => ClassWeights?[label] ?? 1;
    }
}
