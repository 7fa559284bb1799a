using SkTuning.Native;
using static TorchSharp.torch;

namespace SkTuning.Heads.Ordinal;

/// <summary>
/// The cumulative-link model with the logistic link (proportional odds, McCullagh 1980): P(y ≤ k) = σ(cut_k - score). The cut points are in ascending order
/// because of their parameters: the first cut point, and the logarithms of the gaps between cut points.
/// </summary>
internal static class CumulativeLink
{
    /// <summary>The limit of the logarithm of a gap: in fp32, the gap and the logarithm of a probability stay finite.</summary>
    private const double MaxLogGap = 30;

    /// <summary>Returns the gaps between cut points, [C-2].</summary>
    /// <param name="parameters">The parameters of the cut points, [C-1].</param>
    public static Tensor Gaps(Tensor parameters)
        => parameters.narrow(0, 1, parameters.shape[0] - 1).clamp((-MaxLogGap).Kept(), MaxLogGap.Kept()).exp();

    /// <summary>Returns the cut points, [C-1].</summary>
    /// <param name="parameters">The parameters of the cut points, [C-1].</param>
    /// <param name="gaps">The gaps.</param>
    public static Tensor Cuts(Tensor parameters, Tensor gaps)
    {
        var first = parameters.narrow(0, 0, 1);
        return cat([first, gaps.cumsum(0).Plus(first)], 0);
    }

    /// <summary>Returns the logarithm of the probability of each level, [M,C].</summary>
    /// <param name="scores">The score of each answer, [M,1].</param>
    /// <param name="parameters">The parameters of the cut points, [C-1].</param>
    public static Tensor LogProbabilities(Tensor scores, Tensor parameters)
    {
        var gaps = Gaps(parameters);
        var distances = Cuts(parameters, gaps) - scores;
        var none = zeros_like(scores);
        return cat([LogSigmoid(distances), none], 1).Plus(cat([none, LogSigmoid(-distances)], 1)).Plus(BetweenCuts(gaps));
    }

    /// <summary>
    /// Returns log(1 - exp(-gap)) for the levels between two cut points and 0 for the outer ones, [C]: σ(a) - σ(b) = σ(a) σ(-b) (1 - exp(b - a)) loses no
    /// digits, and a - b is the gap itself.
    /// </summary>
    public static Tensor BetweenCuts(Tensor gaps)
    {
        var one = zeros(1, dtype: gaps.dtype, device: gaps.device);
        return cat([one, (-(-gaps).expm1()).log(), one], 0);
    }

    /// <summary>log σ(x), also where the exponential would overflow.</summary>
    public static Tensor LogSigmoid(Tensor x) => x.clamp_max(0.Kept()) - (-x.abs()).exp().log1p();
}
