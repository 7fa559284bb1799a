using System.Globalization;
using SkTuning.Native;
using static TorchSharp.torch;

namespace SkTuning.Models;

/// <summary>
/// Several feed-forwards (experts), of which a router selects a few for each position. Their outputs are added, weighted by the softmax of the router. Only the
/// selected experts are computed.
/// </summary>
internal sealed class Mixture : IFeedForward
{
    private readonly MixtureTrait _trait;
    private readonly FrozenLinear _router;
    private readonly FeedForward[] _experts;

    public Mixture(WeightReader weights, ModelConfig config, WeightNames names, string prefix)
    {
        _trait = config.FeedForward.Mixture!;
        _router = FrozenLinear.Read(weights, prefix + names.Router, config.Hidden, _trait.Experts, bias: false);
        var expert = config.FeedForward with { Size = _trait.Size, Mixture = null };
        _experts = [.. Enumerable.Range(0, _trait.Experts).Select(e => new FeedForward(
            weights, expert, config.Hidden, config.TransposedLinears, Name(names.ExpertGate, e), Name(names.ExpertUp, e), Name(names.ExpertDown, e)))];

        string Name(string? format, int e) => prefix + string.Format(CultureInfo.InvariantCulture, format!, e);
    }

    public Tensor Forward(Tensor x, LayerContext context)
    {
        var flat = x.reshape(-1, x.shape[^1]);                                                                  // [N,D]
        // The softmax is over all experts, in fp32, before some are selected.
        var (weights, selected) = _router.Forward(flat, context.Replaced).Exact().softmax(-1).topk(_trait.Taken, -1);
        if (_trait.Normalized) weights = weights / weights.sum(-1, keepdim: true);
        weights = weights.to_type(flat.dtype).reshape(-1, 1);                                                   // [N·Taken,1]
        var sum = zeros_like(flat);
        for (var e = 0; e < _experts.Length; e++)
        {
            var slots = (selected == e.Kept()).reshape(-1).nonzero().reshape(-1);                               // into [N·Taken]
            if (slots.shape[0] == 0) continue;
            var tokens = slots.div(_trait.Taken.Kept(), RoundingMode.floor);
            sum.index_add_(0, tokens, _experts[e].Forward(flat.index_select(0, tokens), context) * weights.index_select(0, slots), 1.Kept());
        }
        return sum.view(x.shape);
    }

    public void Dispose()
    {
        _router.Dispose();
        foreach (var expert in _experts) expert.Dispose();
    }
}
