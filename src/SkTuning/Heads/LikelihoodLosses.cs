using SkTuning.Native;
using static TorchSharp.torch;

namespace SkTuning.Heads;

/// <summary>
/// The two losses that T-Few (arXiv 2205.05638, section 3.2) adds to the cross-entropy of the choices. Each is the mean over the rows of a mean over tokens, as
/// in the paper's equations; the authors' program takes one mean over the tokens of all rows, and adds 0.01 inside the logarithm of the unlikelihood.
/// </summary>
internal static class LikelihoodLosses
{
    /// <summary>log(1 - p) has no end at p = 1.</summary>
    private const double AlmostCertain = -1e-6;

    /// <summary>Returns the mean of -log p over the tokens of the right answer.</summary>
    /// <param name="means">The mean log-probability of the tokens of each answer, [B,C].</param>
    /// <param name="targets">The right answer of each row, [B].</param>
    public static Tensor OfRight(Tensor means, Tensor targets) => -means.gather(1, targets.unsqueeze(1)).mean();

    /// <summary>Returns the mean of -log(1 - p) over all tokens of the wrong answers.</summary>
    /// <param name="tokens">The log-probability of each token of all answers, [B,N].</param>
    /// <param name="owners">The answer of each token, [N].</param>
    /// <param name="targets">The right answer of each row, [B].</param>
    public static Tensor OfWrong(Tensor tokens, Tensor owners, Tensor targets)
    {
        var wrong = owners.unsqueeze(0).ne(targets.unsqueeze(1)).to_type(tokens.dtype);
        var terms = -(-tokens.clamp_max(AlmostCertain.Kept()).expm1()).log();
        return ((terms * wrong).sum(1) / wrong.sum(1)).mean();
    }
}
