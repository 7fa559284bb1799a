using SkTuning.Native;
using SkTuning.Objectives;
using SkTuning.Tasks;
using static TorchSharp.torch;

namespace SkTuning;

/// <summary>
/// The options of supervised contrastive learning (arXiv 2004.11362): texts of the same label become more similar than texts of other labels in the same batch.
/// </summary>
public sealed record ContrastiveObjectiveOptions : ObjectiveOptions
{
    /// <summary>The number that similarities are divided by, from 0.001 to 100. The default is 0.1.</summary>
    public double Temperature { get; init; } = 0.1;

    internal override void Validate()
    {
        base.Validate();
        Check(nameof(Temperature), Temperature, Temperature is >= 0.001 and <= 100, "0.001 to 100");
    }

    internal override Comparison Create() => new Contrastive(Temperature);
}

/// <summary>
/// The mean over the rows i, of the mean over the other rows p with the same label, of <c>-log(exp(z_i·z_p / t) / sum over a ≠ i of exp(z_i·z_a / t))</c>. Rows
/// whose label no other row of the batch has do not count.
/// </summary>
internal sealed class Contrastive(double temperature) : Comparison
{
    public override Tensor Loss(Tensor features, Tensor targets, Tensor? anchors, Objective task)
    {
        if (features.shape[0] < 2) return features.sum() * 0.Kept();
        var self = eye(features.shape[0], device: features.device).to_type(ScalarType.Bool);
        // A finite number in place of minus infinity, whose product with 0 is not a number.
        var logits = (Cosines(features) / temperature.Kept()).masked_fill(self, (-1e9).Kept());
        var positives = SameLabel(targets).logical_and(self.logical_not()).to_type(logits.dtype);
        var counts = positives.sum(1);
        var losses = -((logits - logits.logsumexp(1, keepdim: true)) * positives).sum(1) / counts.clamp_min(1.Kept());
        return losses.sum() / counts.gt(0.Kept()).sum().clamp_min(1.Kept());
    }
}
