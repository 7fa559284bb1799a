using SkTuning.Native;
using static TorchSharp.torch;

namespace SkTuning.Models;

/// <summary>One layer: attention, feed-forward, norms and residuals in the order that the traits define. The residual stream stays fp32.</summary>
internal sealed class TransformerLayer : IDisposable
{
    private readonly ModelConfig _config;
    private readonly Attention _attention;
    private readonly IFeedForward _feedForward;
    private readonly FrozenNorm? _attentionNorm, _attentionOutputNorm, _feedForwardNorm, _feedForwardOutputNorm;
    private readonly bool _borrows;

    public TransformerLayer(WeightReader weights, ModelConfig config, WeightNames names, int layer, string prefix)
    {
        _config = config;
        _attention = new(weights, config, names, prefix);
        _feedForward = config.FeedForward.Mixture is not null && config.MixtureLayers?[layer] != false
            ? new Mixture(weights, config, names, prefix)
            : FeedForward.Read(weights, config, names, prefix);
        _attentionNorm = layer == 0 && config.FirstLayerWithoutNorm ? null : Norm(names.AttentionNorm);
        _attentionOutputNorm = Norm(names.AttentionOutputNorm);
        _feedForwardNorm = Norm(names.FeedForwardNorm);
        _feedForwardOutputNorm = Norm(names.FeedForwardOutputNorm);

        FrozenNorm? Norm(string? name) => name is null ? null : FrozenNorm.Read(weights, config.Norm, prefix + name, config.Hidden);
    }

    /// <summary>A layer with another feed-forward, which it owns; the rest belongs to <paramref name="whole"/>.</summary>
    private TransformerLayer(TransformerLayer whole, FeedForward feedForward)
    {
        (_config, _attention, _feedForward, _borrows) = (whole._config, whole._attention, feedForward, true);
        (_attentionNorm, _attentionOutputNorm) = (whole._attentionNorm, whole._attentionOutputNorm);
        (_feedForwardNorm, _feedForwardOutputNorm) = (whole._feedForwardNorm, whole._feedForwardOutputNorm);
    }

    /// <summary>The feed-forward; null for a mixture of experts.</summary>
    public FeedForward? FeedForward => _feedForward as FeedForward;

    /// <summary>Returns the layer with some units of its feed-forward (<see cref="FeedForward.Sliced"/>), which the caller disposes before this one.</summary>
    public TransformerLayer Sliced(int[] units, Device device, IDictionary<string, Tensor> tensors)
        => new(this, FeedForward!.Sliced(units, device, tensors));

    /// <summary>
    /// Runs the layer: [B,S,D] fp32 -> [B,N,D] fp32 at the requested positions; <paramref name="kept"/> holds the layer's own keys and values at all positions.
    /// </summary>
    public Tensor Forward(Tensor x, LayerContext context, out LayerKeys kept)
    {
        if (_config.Block == BlockTrait.NormAfter)
        {
            x = _attentionNorm!.Forward(Add(context.AtOutputs(x), _attention.Forward(x.to_type(context.Compute), context, out kept)), context.Replaced);
            return _feedForwardNorm!.Forward(Add(x, _feedForward.Forward(x.to_type(context.Compute), context)), context.Replaced);
        }
        var normed = Normed(_attentionNorm, x);
        var attended = Output(_attentionOutputNorm, _attention.Forward(normed.to_type(context.Compute), context, out kept));
        if (context.Outputs is not null) (x, normed) = (context.AtOutputs(x), context.AtOutputs(normed));
        if (_config.Block == BlockTrait.Parallel)
        {
            var beside = _feedForwardNorm is null ? normed : Normed(_feedForwardNorm, x);
            return Add(Add(x, attended), Output(_feedForwardOutputNorm, _feedForward.Forward(beside.to_type(context.Compute), context)));
        }
        x = Add(_config.ResidualFromNorm ? normed : x, attended);
        normed = Normed(_feedForwardNorm, x);
        return Add(_config.ResidualFromNorm ? normed : x, Output(_feedForwardOutputNorm, _feedForward.Forward(normed.to_type(context.Compute), context)));

        Tensor Normed(FrozenNorm? norm, Tensor t) => norm?.Forward(t, context.Replaced) ?? t;
        Tensor Output(FrozenNorm? norm, Tensor t) => norm?.Forward(t, context.Replaced) ?? t;
    }

    private Tensor Add(Tensor x, Tensor more) => x.Plus(_config.ResidualScale == 1 ? more : more * _config.ResidualScale.Kept());

    public void Dispose()
    {
        if (_borrows)
        {
            _feedForward.Dispose();
            return;
        }
        IDisposable?[] parts = [_attention, _feedForward, _attentionNorm, _attentionOutputNorm, _feedForwardNorm, _feedForwardOutputNorm];
        foreach (var part in parts) part?.Dispose();
    }
}
