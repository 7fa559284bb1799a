using SkTuning.Batches;
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
    internal const double Epsilon = 1e-6, MinLength = 1e-12;
    private const string StoredCenter = "head.center", StoredDeviation = "head.deviation";

    /// <summary>Unit length alone.</summary>
    public static FeatureMap Unit { get; } = new(null, null);

    /// <summary>Returns the map whose center and deviation are those of states [N,D].</summary>
    public static FeatureMap Standardizing(Tensor states)
        => new(states.mean([0]), states.shape[0] > 1 ? states.std(0, unbiased: true) : zeros_like(states[0]));

    /// <summary>Returns the tensors of a map that are stored with an adapter.</summary>
    /// <param name="standardizes">States are standardized.</param>
    /// <param name="hidden">D.</param>
    public static IReadOnlyList<ParameterSpec> Constants(bool standardizes, int hidden)
        => standardizes ? [new(StoredCenter, [hidden], ParameterStarts.Zero), new(StoredDeviation, [hidden], ParameterStarts.One)] : [];

    /// <summary>Returns the map of an adapter, without gradients.</summary>
    /// <param name="standardizes">States are standardized.</param>
    /// <param name="parameters">The adapter's tensors.</param>
    /// <param name="states">Any tensor on the device and of the type of the states to map.</param>
    public static FeatureMap Of(bool standardizes, ParameterSet parameters, Tensor states)
    {
        return standardizes ? new(Read(StoredCenter), Read(StoredDeviation)) : Unit;

        Tensor Read(string name) => parameters[name].detach().to(states.dtype, states.device);
    }

    /// <summary>Stores a map that standardizes states in the parameters of an adapter.</summary>
    public void Store(ParameterSet parameters)
    {
        parameters.Set(StoredCenter, Center!);
        parameters.Set(StoredDeviation, Deviation!);
    }

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
        return Scaled(Standardized(Means(texts) - MeanOf(texts)));
    }

    /// <summary>Returns the direction of each label from the states of the labels' texts, for comparison with those of rows: [C,D] of unit length.</summary>
    /// <param name="texts">For each label, the states of its texts, [n,D]; the mean of their directions counts.</param>
    /// <param name="labelCenter">The center of labels, [D], where states are standardized; null for that of these labels.</param>
    public Tensor Anchors(IReadOnlyList<Tensor> texts, Tensor? labelCenter = null)
        => Scaled(Center is null ? stack([.. texts.Select(t => Scaled(t).mean([0]))]) : Standardized(Means(texts) - (labelCenter ?? MeanOf(texts))));

    /// <summary>Returns the mean over the labels of the states of their texts, [D].</summary>
    public static Tensor MeanOf(IReadOnlyList<Tensor> texts) => Means(texts).mean([0]);

    private static Tensor Means(IReadOnlyList<Tensor> texts) => stack([.. texts.Select(t => t.mean([0]))]);

    private Tensor Standardized(Tensor centered) => centered / Deviation!.Plus(Epsilon.Kept());

    // The limit applies to the square: the root of 0 has no gradient.
    private static Tensor Scaled(Tensor states) => states / states.Squared().sum(-1, keepdim: true).clamp_min((MinLength * MinLength).Kept()).sqrt();
}
