using SkTuning.Native;
using SkTuning.Objectives;
using SkTuning.Tasks;
using static TorchSharp.torch;

namespace SkTuning;

/// <summary>
/// The options of the loss that SetFit trains with (arXiv 2209.11055), over all pairs of texts in a batch: the cosine of two texts is to be 1 if they have the
/// same label, and 0 otherwise.
/// </summary>
public sealed record CosinePairsObjectiveOptions : ObjectiveOptions
{
    internal override Comparison Create() => new CosinePairs();
}

/// <summary>The mean over the pairs i &lt; j of <c>(cos(z_i, z_j) - [same label])²</c>.</summary>
internal sealed class CosinePairs : Comparison
{
    public override Tensor Loss(Tensor features, Tensor targets, Tensor? anchors, Objective task)
    {
        var rows = features.shape[0];
        if (rows < 2) return features.sum() * 0.Kept();
        var errors = (Cosines(features) - SameLabel(targets).to_type(features.dtype)).Squared();
        // Each pair occurs twice, and a row with itself has no error that could change.
        return errors.triu(1).sum() / (rows * (rows - 1) / 2.0).Kept();
    }
}
