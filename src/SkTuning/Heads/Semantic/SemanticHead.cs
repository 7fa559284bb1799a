using SkTuning.Batches;
using SkTuning.Heads;
using SkTuning.Heads.Semantic;
using SkTuning.Native;
using SkTuning.Tasks;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SkTuning;

/// <summary>
/// The options of a linear head that knows what the labels mean. Without rows, the weight of a label points to the states of its description
/// (<see cref="AdapterOptions.LabelDescriptions"/>; its name where there is none), read by the same model; rows move it from there. The head is fitted
/// exactly, on states of unit length, before training and again on the tuned states after it. It works with every task except tagged words.
/// </summary>
public sealed record SemanticHeadOptions : HeadOptions
{
    /// <summary>With more labels, longer features with less of the descriptions were better by 3 to 4 points (bench/plans/many-labels.json).</summary>
    private const int ManyLabels = 20;

    /// <summary>
    /// The length of the weights that the descriptions give, from 0 to 1000; with 0, the descriptions are ignored. The default is
    /// <see langword="null"/>: 4, or 1 with more than 20 labels.
    /// </summary>
    public double? PriorWeight { get; init; }

    /// <summary>
    /// The length of the features, above 0, at most 1000: the longer they are, the less the fit is bound to the descriptions. The default is
    /// <see langword="null"/>: 1, or 10 with more than 20 labels.
    /// </summary>
    public double? FeatureScale { get; init; }

    internal override bool ReadsDescriptions => true;

    internal override bool IgnoresDescriptions => PriorWeight == 0;

    internal override bool IsFittedExactly => true;

    internal override void Validate()
    {
        Check(nameof(PriorWeight), PriorWeight, PriorWeight is null or (>= 0 and <= 1000), "0 to 1000");
        Check(nameof(FeatureScale), FeatureScale, FeatureScale is null or (> 0 and <= 1000), "above 0, at most 1000");
    }

    internal override string? Refusal(HeadContext context)
        => context.Task.AnswersPerWord ? $"The head {Name} reads whole texts: use the head linear for tagged words."
            : context.Pooling == Pooling.Attention
                ? $"The head {Name} cannot train a pooling: use the pooling {Pooling.Mean}, {Pooling.Last} or {Pooling.First}."
            : context.FrozenRefusal;

    internal override Head Create(HeadContext context)
    {
        var labels = context.Labels.Count;
        return new SemanticHead(labels, context.Model.Config.StateSize, context.Pooling, context.Model.Config.Causal, ScaleFor(labels), WeightFor(labels));
    }

    /// <summary>Returns the length of the features with a number of labels.</summary>
    internal double ScaleFor(int labels) => FeatureScale ?? (labels > ManyLabels ? 10 : 1);

    /// <summary>Returns the length of the weights that the descriptions give with a number of labels.</summary>
    internal double WeightFor(int labels) => PriorWeight ?? (labels > ManyLabels ? 1 : 4);
}

/// <summary>A linear layer with bias over mapped features (<see cref="FeatureMap"/>).</summary>
/// <param name="labels">C.</param>
/// <param name="hidden">D.</param>
/// <param name="pooling">Which states the head sees.</param>
/// <param name="standardizes">The states of a causal model are standardized first.</param>
/// <param name="scale">The length of the features.</param>
/// <param name="priorWeight">The length of the weights that the descriptions give.</param>
internal sealed class SemanticHead(int labels, int hidden, Pooling pooling, bool standardizes, double scale, double priorWeight)
    : FittedHead(hidden, pooling, standardizes, scale, new(Weight, [labels, hidden], ParameterStarts.Zero), new(Bias, [labels], ParameterStarts.Zero))
{
    public override Tensor Readout(Tensor features, ParameterSet parameters) => base.Readout(Mapped(features, parameters), parameters);

    private protected override void Fit(Tensor features, RidgeTargets targets, FeatureMap map, IReadOnlyList<Tensor> texts, ParameterSet parameters,
        CancellationToken cancellationToken)
    {
        var fit = new RidgeProblem(features, Prior(map, texts)).Fit(targets, cancellationToken);
        parameters.Set(Weight, fit.Weight);
        parameters.Set(Bias, fit.Bias);
    }

    /// <summary>The number that a head without rows multiplies cosines by.</summary>
    public double CosineScale => Scale * priorWeight;

    /// <summary>
    /// Makes the head of no rows. Without rows, the texts of each label count the same, however much they differ from each other: each label has a direction of
    /// unit length (<c>bench -- zero-rows</c>).
    /// </summary>
    /// <param name="texts">For each label, the states of its texts, [n,D] fp64.</param>
    /// <param name="parameters">Receives the weight and the bias.</param>
    public void Start(IReadOnlyList<Tensor> texts, ParameterSet parameters)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var anchors = Map(parameters, texts[0]).Anchors(texts);
        parameters.Set(Weight, (anchors - anchors.mean([0], keepdim: true)) * priorWeight.Kept());
        parameters.Set(Bias, zeros(labels));
    }

    /// <summary>Returns the weight without rows. A single score (a number) has no direction of its own.</summary>
    private Tensor Prior(FeatureMap map, IReadOnlyList<Tensor> texts)
        => labels > 1 ? map.Directions(texts) * priorWeight.Kept() : zeros(1, texts[0].shape[1], dtype: texts[0].dtype);

    /// <summary>Returns the scores of rows by a head that knows some of the labels and is fitted to mapped features; nothing is stored.</summary>
    /// <param name="features">The mapped features of the rows to fit the head to, [N,D] fp64.</param>
    /// <param name="targets">Their targets, [N,C'].</param>
    /// <param name="texts">For each of the labels, the states of its texts.</param>
    /// <param name="scored">The mapped features of the rows to score, [M,D] fp64.</param>
    /// <param name="parameters">The adapter's tensors.</param>
    /// <param name="cancellationToken">Ends the fit with an exception.</param>
    public Tensor ScoresOfLabels(Tensor features, RidgeTargets targets, IReadOnlyList<Tensor> texts, Tensor scored, ParameterSet parameters,
        CancellationToken cancellationToken)
    {
        var prior = Map(parameters, features).Directions(texts) * priorWeight.Kept();
        var fit = new RidgeProblem(Scaled(features), prior).Fit(targets, cancellationToken);
        return F.linear(Scaled(scored), fit.Weight, fit.Bias);
    }
}
