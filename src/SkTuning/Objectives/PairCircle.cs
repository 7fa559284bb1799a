using SkTuning.Native;
using SkTuning.Objectives;
using SkTuning.Tasks;
using static TorchSharp.torch;

namespace SkTuning;

/// <summary>
/// The options of the pairwise cost-sensitive contrastive loss of CP-Tuning (arXiv 2204.00166): texts of the same label become more similar than texts of
/// different labels in the same batch, and a pair counts the more, the further it is from where it should be. Batches without two texts of the same label, or
/// without two of different labels, do not count.
/// </summary>
public sealed record PairCircleObjectiveOptions : ObjectiveOptions
{
    /// <summary>
    /// The margin m, from 0 to 1: the cosine of two texts should be above 1 - m if they have the same label, and below m otherwise. The default is 0.4.
    /// </summary>
    public double Margin { get; init; } = 0.4;

    /// <summary>The factor of similarities, above 0, at most 1000. The default is 64.</summary>
    public double Scale { get; init; } = 64;

    /// <summary>
    /// The number k that the cost of pairs of the same label is divided by, above 0, at most 1000: above 1, pairs of different labels count more. The default
    /// is 1.
    /// </summary>
    public double CostRatio { get; init; } = 1;

    /// <summary>
    /// The weight of the masked-LM loss, from 0 to 1000: an encoder with its masked-LM head predicts words of the rows that are masked, so that the adapter
    /// does not unlearn the language. It costs a second pass over the rows of a step. The default is 0.
    /// </summary>
    public double MaskedWordsWeight { get; init; }

    internal override double MaskedWords => MaskedWordsWeight;

    internal override void Validate()
    {
        base.Validate();
        Check(nameof(Margin), Margin, Margin is >= 0 and <= 1, "0 to 1");
        Check(nameof(Scale), Scale, Scale is > 0 and <= 1000, "above 0, at most 1000");
        Check(nameof(CostRatio), CostRatio, CostRatio is > 0 and <= 1000, "above 0, at most 1000");
        Check(nameof(MaskedWordsWeight), MaskedWordsWeight, MaskedWordsWeight is >= 0 and <= 1000, "0 to 1000");
    }

    internal override Comparison Create() => new PairCircle(Margin, Scale, CostRatio);
}

/// <summary>
/// <c>softplus(LSE_n[g a_n (s_n - m)] + LSE_p[-g a_p (s_p - (1 - m))])</c> over the cosines s_p of the pairs i &lt; j with the same label and s_n of those with
/// different ones, where <c>a_p = max(0, 1 + m - s_p) / k</c> and <c>a_n = max(0, s_n + m)</c> have no gradient.
/// </summary>
/// <param name="margin">m.</param>
/// <param name="scale">g.</param>
/// <param name="ratio">k.</param>
internal sealed class PairCircle(double margin, double scale, double ratio) : Comparison
{
    /// <summary>A finite number in place of minus infinity, whose product with 0 is not a number.</summary>
    private const double None = -1e9;

    public override Tensor Loss(Tensor features, Tensor targets, Tensor? anchors, Objective task)
    {
        if (features.shape[0] < 2) return features.sum() * 0.Kept();
        var (cosines, same) = (Cosines(features), SameLabel(targets));
        var isPair = ones_like(cosines).triu(1).to_type(ScalarType.Bool);
        var (positive, negative) = (same.logical_and(isPair), same.logical_not().logical_and(isPair));
        var fixedCosines = cosines.detach();
        var costOfPositive = (-fixedCosines).Plus((1 + margin).Kept()).clamp_min(0.Kept()) / ratio.Kept();
        var costOfNegative = fixedCosines.Plus(margin.Kept()).clamp_min(0.Kept());
        var sum = OfPairs(costOfNegative * (cosines - margin.Kept()), negative)
            .Plus(OfPairs(costOfPositive * (-cosines).Plus((1 - margin).Kept()), positive));
        return sum.clamp_min(0.Kept()).Plus((-sum.abs()).exp().log1p());        // softplus, also where the exponential would overflow

        Tensor OfPairs(Tensor values, Tensor chosen) => (values * scale.Kept()).masked_fill(chosen.logical_not(), None.Kept()).view(-1).logsumexp(0);
    }
}
