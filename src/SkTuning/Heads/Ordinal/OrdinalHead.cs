using SkTuning.Batches;
using SkTuning.Heads;
using SkTuning.Heads.Ordinal;
using SkTuning.Heads.Semantic;
using SkTuning.Native;
using SkTuning.Tasks;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SkTuning;

/// <summary>
/// The options of a head for ordered levels: one score for each text, and cut points between the levels (a cumulative-link model with the logistic link). The
/// levels share one direction of the states, so that a few rows of each level are enough. Without rows, the direction is that from the states of the lowest
/// level's description to those of the highest (<see cref="AdapterOptions.LabelDescriptions"/>; their names where there are none). The head is fitted exactly,
/// on states of unit length, before training and again on the tuned states after it. It works with the task <c>ordinal</c>.
/// </summary>
public sealed record OrdinalHeadOptions : HeadOptions
{
    /// <summary>The length of the weight that the descriptions give, from 0 to 1000; with 0, the descriptions are ignored. The default is 4.</summary>
    public double PriorWeight { get; init; } = 4;

    /// <summary>
    /// The length of the features, above 0, at most 1000: the longer they are, the less the fit is bound to the descriptions. The default is 1.
    /// </summary>
    public double FeatureScale { get; init; } = 1;

    internal override bool ReadsDescriptions => true;

    internal override bool IgnoresDescriptions => PriorWeight == 0;

    internal override bool IsFittedExactly => true;

    internal override void Validate()
    {
        Check(nameof(PriorWeight), PriorWeight, PriorWeight is >= 0 and <= 1000, "0 to 1000");
        Check(nameof(FeatureScale), FeatureScale, FeatureScale is > 0 and <= 1000, "above 0, at most 1000");
    }

    internal override string? Refusal(HeadContext context)
        => !context.Task.HasLevels
            ? $"The head {Name} needs levels in an order, which the labels of the task {context.Task.Name} do not have: use the task ordinal, or the head "
                + (context.Task.AnswersPerWord ? "linear." : "semantic.")
            : context.Pooling == Pooling.Attention
                ? $"The head {Name} cannot train a pooling: use the pooling {Pooling.Mean}, {Pooling.Last} or {Pooling.First}."
            : context.FrozenRefusal;

    internal override Head Create(HeadContext context)
        => new OrdinalHead(context.Labels.Count, context.Model.Config.StateSize, context.Pooling, context.Model.Config.Causal, FeatureScale, PriorWeight);
}

/// <summary>The logarithms of the levels' probabilities: score = w · phi, P(y ≤ k) = σ(cut_k - score).</summary>
/// <param name="levels">C.</param>
/// <param name="hidden">D.</param>
/// <param name="pooling">Which states the head sees.</param>
/// <param name="standardizes">The states of a causal model are standardized first.</param>
/// <param name="scale">The length of the features.</param>
/// <param name="priorWeight">The length of the weight that the descriptions give.</param>
internal sealed class OrdinalHead(int levels, int hidden, Pooling pooling, bool standardizes, double scale, double priorWeight)
    : FittedHead(hidden, pooling, standardizes, scale, new(Weight, [1, hidden], ParameterStarts.Zero), new(Cuts, [levels - 1], ParameterStarts.Zero))
{
    /// <summary>The first cut point, and the logarithms of the gaps between cut points.</summary>
    public const string Cuts = "head.cuts";

    public override Tensor Readout(Tensor features, ParameterSet parameters)
        => CumulativeLink.LogProbabilities(F.linear(Mapped(features, parameters), parameters[Weight]), parameters[Cuts]);

    private protected override void Fit(Tensor features, RidgeTargets targets, FeatureMap map, IReadOnlyList<Tensor> texts, ParameterSet parameters,
        CancellationToken cancellationToken)
    {
        var directions = map.Directions(texts);
        var prior = (directions[levels - 1] - directions[0]).unsqueeze(0) * priorWeight.Kept();
        var fit = new OrdinalProblem(features, prior).Fit(targets.Values, cancellationToken);
        parameters.Set(Weight, fit.Weight);
        parameters.Set(Cuts, fit.Cuts);
    }
}
