using SkTuning.Native;
using SkTuning.Tasks;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SkTuning.Objectives;

/// <summary>A loss of the directions of the rows of a batch. M is the number of rows, C that of labels, D that of dimensions.</summary>
internal abstract class Comparison
{
    private const double MinLength = 1e-12;

    /// <summary>Returns the loss.</summary>
    /// <param name="features">The features of the rows, of any length, [M,D].</param>
    /// <param name="targets">The label of each row, [M].</param>
    /// <param name="anchors">The features of the labels' texts, of any length, [C,D]; null if they were not read.</param>
    /// <param name="task">What the task minimizes.</param>
    public abstract Tensor Loss(Tensor features, Tensor targets, Tensor? anchors, Objective task);

    /// <summary>Returns features of unit length.</summary>
    protected static Tensor Directions(Tensor features)
        => features / features.Squared().sum(-1, keepdim: true).clamp_min((MinLength * MinLength).Kept()).sqrt();

    /// <summary>Returns the cosines of all pairs of rows, [M,M].</summary>
    protected static Tensor Cosines(Tensor features)
    {
        var directions = Directions(features);
        return F.linear(directions, directions);
    }

    /// <summary>Returns true where two rows have the same label, [M,M].</summary>
    protected static Tensor SameLabel(Tensor targets) => targets.unsqueeze(0).eq(targets.unsqueeze(1));
}
