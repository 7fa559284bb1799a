using SkTuning.Batches;
using SkTuning.Heads.Semantic;
using SkTuning.Native;
using SkTuning.Tasks;
using static TorchSharp.torch;

namespace SkTuning.Heads;

/// <summary>
/// A linear head over mapped features that is fitted exactly to the states of the training rows and of the labels' texts: before training, and again after it.
/// </summary>
/// <param name="hidden">D.</param>
/// <param name="pooling">Which states the head sees.</param>
/// <param name="standardizes">The states of a causal model are standardized first.</param>
/// <param name="scale">The length of the features.</param>
/// <param name="weight">The weight and its start values.</param>
/// <param name="bias">What is added to the products with the weight, and its start values.</param>
internal abstract class FittedHead(int hidden, Pooling pooling, bool standardizes, double scale, ParameterSpec weight, ParameterSpec bias)
    : LinearHead(pooling, weight, bias)
{
    public override IReadOnlyList<ParameterSpec> Constants { get; } = FeatureMap.Constants(standardizes, hidden);

    public override FeatureMap Map(ParameterSet parameters, Tensor states) => FeatureMap.Of(standardizes, parameters, states);

    /// <summary>The length of the features.</summary>
    public double Scale => scale;

    /// <summary>Computes the constants from the states of the training rows, [M,D].</summary>
    public void Prepare(Tensor states, ParameterSet parameters)
    {
        if (standardizes) FeatureMap.Standardizing(states).Store(parameters);
    }

    /// <summary>Fits the head.</summary>
    /// <param name="states">The states of the training rows, [M,D] fp64.</param>
    /// <param name="meanOfRows">Converts values of windows to those of rows.</param>
    /// <param name="targets">The targets of the rows.</param>
    /// <param name="texts">For each label, the states of its texts, [n,D] fp64.</param>
    /// <param name="parameters">Receives the fitted values.</param>
    /// <param name="cancellationToken">Ends the fit with an exception.</param>
    public void Fit(Tensor states, Func<Tensor, Tensor> meanOfRows, RidgeTargets targets, IReadOnlyList<Tensor> texts, ParameterSet parameters,
        CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var map = Map(parameters, states);
        Fit(Scaled(meanOfRows(map.Map(states))), targets, map, texts, parameters, cancellationToken);
    }

    /// <summary>Fits the head to the features of rows, [N,D].</summary>
    private protected abstract void Fit(Tensor features, RidgeTargets targets, FeatureMap map, IReadOnlyList<Tensor> texts, ParameterSet parameters,
        CancellationToken cancellationToken);

    /// <summary>Returns the features that the weight is multiplied with.</summary>
    private protected Tensor Mapped(Tensor states, ParameterSet parameters) => Scaled(Map(parameters, states).Map(states));

    /// <summary>Returns mapped features with the length of the head.</summary>
    private protected Tensor Scaled(Tensor mapped) => mapped * scale.Kept();
}
