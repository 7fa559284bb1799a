using static TorchSharp.torch;

namespace SkTuning.Tasks;

/// <summary>How a ridge head is fitted.</summary>
internal enum RidgeLoss
{
    /// <summary>Cross-entropy: the scores of a row compete.</summary>
    CrossEntropy,

    /// <summary>The logistic loss of each score.</summary>
    Logistic,

    /// <summary>Half the squared error.</summary>
    Squared,
}

/// <summary>What a ridge head is fitted to.</summary>
/// <param name="Loss">The loss.</param>
/// <param name="Values">The targets of the rows, [N,C] fp64 on the CPU. For the cross-entropy, a row may have any sum: that is its weight.</param>
internal sealed record RidgeTargets(RidgeLoss Loss, Tensor Values);
