using SkTuning.Batches;
using SkTuning.Heads;
using SkTuning.Heads.Semantic;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SkTuning;

/// <summary>The options of a linear layer with bias over the pooled states, or over the states of the words. It works with every task.</summary>
public sealed record LinearHeadOptions : HeadOptions
{
    internal override bool IsTransformersHead(bool perWord) => perWord;

    internal override string? Refusal(HeadContext context) => context.FrozenRefusal;

    internal override Head Create(HeadContext context) => new LinearHead(context.Labels.Count, context.Model.Config.StateSize, context.Pooling);
}

/// <summary>A linear layer with bias over the pooled states, or over the states of the chosen tokens.</summary>
internal class LinearHead : Head
{
    public const string Weight = "head.weight", Bias = "head.bias", Query = "head.query";

    private readonly Pooling _pooling;

    public LinearHead(int classes, int hidden, Pooling pooling)
        : this(pooling, new(Weight, [classes, hidden], ParameterStarts.Linear(hidden)), new(Bias, [classes], ParameterStarts.Linear(hidden))) { }

    /// <param name="pooling">Which states the head sees.</param>
    /// <param name="weight">The weight and its start values.</param>
    /// <param name="bias">The bias and its start values.</param>
    protected LinearHead(Pooling pooling, ParameterSpec weight, ParameterSpec bias)
    {
        _pooling = pooling;
        Parameters = pooling == Pooling.Attention ? [weight, bias, new(Query, [weight.Shape[1]], ParameterStarts.Zero)] : [weight, bias];
    }

    public override IReadOnlyList<ParameterSpec> Parameters { get; }

    /// <summary>Which states the head sees.</summary>
    public Pooling Pooling => _pooling;

    public override bool TrainsFeatures => _pooling == Pooling.Attention;

    public override Tensor Features(ForwardPass pass, TokenBatch batch)
        => PooledStates.Of(pass, batch, _pooling, TrainsFeatures ? pass.Parameters[Query] : null);

    public override FeatureMap Map(ParameterSet parameters, Tensor states) => FeatureMap.Unit;

    public override Tensor Readout(Tensor features, ParameterSet parameters) => F.linear(features, parameters[Weight], parameters[Bias]);
}
