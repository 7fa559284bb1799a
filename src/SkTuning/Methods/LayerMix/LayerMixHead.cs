using SkTuning.Batches;
using SkTuning.Heads;
using SkTuning.Models;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SkTuning.Methods.LayerMix;

/// <summary>
/// scores = W (gamma · sum_l softmax(s)_l · h_l) + b, where h_l is the pooled input of layer l; the last one is the output of the final norm.
/// </summary>
internal sealed class LayerMixHead : Head
{
    public const string Mix = "head.mix", Gamma = "head.gamma";

    private readonly Pooling _pooling;
    private readonly int _states;
    private readonly bool _normalize;

    public LayerMixHead(ModelConfig config, int outputs, Pooling pooling, bool normalize)
    {
        if (config.StateSize != config.Hidden)
            throw new SkTuningException($"layer-mix: the last states of {config.Family} have {config.StateSize} values and those of its layers "
                + $"{config.Hidden}, expected the same size; use probe.");
        if (pooling == Pooling.Attention)
            throw new SkTuningException("layer-mix: the pooling is Attention, whose trained query does not work with cached states, "
                + "expected Mean, Last or First.");
        (_pooling, _states, _normalize) = (pooling, config.Layers + 1, normalize);
        Parameters =
        [
            new(LinearHead.Weight, [outputs, config.Hidden], ParameterStarts.Linear(config.Hidden)),
            new(LinearHead.Bias, [outputs], ParameterStarts.Linear(config.Hidden)),
            new(Mix, [_states], ParameterStarts.Zero),
            new(Gamma, [1], ParameterStarts.One),
        ];
    }

    public override IReadOnlyList<ParameterSpec> Parameters { get; }

    /// <summary>Which states the head sees.</summary>
    public Pooling Pooling => _pooling;

    /// <summary>The pooled states of each layer are normalized.</summary>
    public bool Normalizes => _normalize;

    /// <summary>[M, L+1, D].</summary>
    public override Tensor Features(ForwardPass pass, TokenBatch batch)
    {
        var result = pass.Run(batch, r => r with { Taps = Enumerable.Range(0, _states).ToHashSet() });
        var mixed = stack([.. Enumerable.Range(0, _states).Select(l => Pooled(result.Taps[l], batch))], 1);
        return _normalize ? F.layer_norm(mixed, [mixed.shape[2]], null, null, 1e-5) : mixed;
    }

    private Tensor Pooled(Tensor states, TokenBatch batch)
        => batch.AnswerPositions is { } positions ? states.flatten(0, 1).index_select(0, positions) : _pooling.Pool(states, batch.Mask);

    public override Tensor Readout(Tensor features, ParameterSet parameters)
    {
        var weights = (parameters[Mix].softmax(0) * parameters[Gamma]).view(1, _states, 1);
        return F.linear((features * weights).sum(1), parameters[LinearHead.Weight], parameters[LinearHead.Bias]);
    }
}
