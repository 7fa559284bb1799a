using SkTuning.Native;
using static TorchSharp.torch;

namespace SkTuning.Heads.Semantic;

/// <summary>
/// Maps pooled states to the features of the semantic head. The states of an encoder are scaled to unit length. Those of a causal decoder share one large
/// direction: they are first centered and scaled with the mean and deviation of each dimension over the training rows.
/// </summary>
/// <param name="Center">The mean of each dimension, [D]; null if states are not standardized.</param>
/// <param name="Deviation">The deviation of each dimension (n - 1), [D]; null if states are not standardized.</param>
internal sealed record FeatureMap(Tensor? Center, Tensor? Deviation)
{
    private const double Epsilon = 1e-6, MinLength = 1e-12;

    /// <summary>Unit length alone.</summary>
    public static FeatureMap Unit { get; } = new(null, null);

    /// <summary>Returns the map whose center and deviation are those of states [N,D].</summary>
    public static FeatureMap Standardizing(Tensor states)
        => new(states.mean([0]), states.shape[0] > 1 ? states.std(0, unbiased: true) : zeros_like(states[0]));

    /// <summary>Returns the features of states, [.., D].</summary>
    public Tensor Map(Tensor states) => Scaled(Center is null ? states : Standardized(states - Center));

    /// <summary>
    /// Returns the direction of each label from the states of the labels' texts: the difference from the mean of all labels, [C,D].
    /// </summary>
    /// <param name="texts">For each label, the states of its texts, [n,D]; the mean of their directions counts.</param>
    public Tensor Directions(IReadOnlyList<Tensor> texts)
    {
        if (Center is null)
        {
            var mapped = stack([.. texts.Select(t => Scaled(t).mean([0]))]);
            return mapped - mapped.mean([0], keepdim: true);
        }
        // The mean over the labels takes the place of the center: texts about a task differ from its rows as a whole.
        var states = stack([.. texts.Select(t => t.mean([0]))]);
        return Scaled(Standardized(states - states.mean([0], keepdim: true)));
    }

    private Tensor Standardized(Tensor centered) => centered / Deviation!.Plus(Epsilon.Kept());

    // The limit applies to the square: the root of 0 has no gradient.
    private static Tensor Scaled(Tensor states) => states / states.Squared().sum(-1, keepdim: true).clamp_min((MinLength * MinLength).Kept()).sqrt();
}
