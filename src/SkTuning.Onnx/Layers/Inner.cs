using System.Globalization;
using SkTuning.Models;
using SkTuning.Onnx.Format;
using SkTuning.Onnx.Graphs;

namespace SkTuning.Onnx.Layers;

/// <summary>The feed-forward of one layer, as in <see cref="FeedForward"/> and <see cref="Mixture"/>.</summary>
internal sealed class Inner(ModelGraph model, int layer)
{
    private readonly ModelConfig _config = model.Config;
    private readonly GraphBuilder _graph = model.Graph;

    /// <summary>[R,S,D] -> [R,S,D].</summary>
    public Value Forward(Value x)
    {
        var (names, prefix) = (model.Names, model.Prefix(layer));
        return _config.FeedForward.Mixture is { } mixture && _config.MixtureLayers?[layer] != false
            ? Mixed(mixture, x)
            : One(_config.FeedForward with { Size = model.InnerSize(layer) }, x, prefix + names.Gate, prefix + names.Up, prefix + names.Down,
                model.Key(layer, "gateUp"), isExpert: false);
    }

    private Value One(FeedForwardTrait trait, Value x, string gate, string up, string down, string key, bool isExpert)
    {
        var (weights, inner, hidden) = (model.Weights, (long)trait.Size, (long)_config.Hidden);
        return weights.Apply(Of(down, inner, hidden, LinearPart.Down), Activated());

        Value Activated()
        {
            if (!trait.Gated) return Activate.Of(trait.Activation, weights.Apply(Of(up, hidden, inner, LinearPart.Up), x));
            var halves = weights.ApplyAll(key, Both(), x);
            return Activate.Of(trait.Activation, halves[0]) * halves[1];
        }

        Linear[] Both()
        {
            if (!trait.FusedGate) return [Of(gate, hidden, inner, LinearPart.Gate), Of(up, hidden, inner, LinearPart.Up)];
            var whole = Of(gate, hidden, 2 * inner, LinearPart.GateUp);
            return [Half(whole, LinearPart.Gate, 0), Half(whole, LinearPart.Up, inner)];
        }

        Linear Half(Linear whole, LinearPart part, long from)
            => model.Changed(layer, part, weights.Rows(whole, $"{key}.{part}", [.. Enumerable.Range(0, (int)inner).Select(r => r + from)]));

        Linear Of(string name, long inputs, long outputs, LinearPart part)
        {
            var linear = weights.Linear(name, inputs, outputs, trait.Bias, _config.TransposedLinears);
            return isExpert ? linear : model.Changed(layer, part, linear);
        }
    }

    /// <summary>Every expert reads every position, with the weight 0 where the router does not select it: ONNX has no loop over some of them.</summary>
    private Value Mixed(MixtureTrait trait, Value x)
    {
        var (names, prefix) = (model.Names, model.Prefix(layer));
        var scores = model.Weights.Apply(model.Weights.Linear(prefix + names.Router, _config.Hidden, trait.Experts, bias: false), x, exact: true).Softmax();
        var best = _graph.Operations("TopK", 2, [scores, _graph.Integers(trait.Taken)], new NodeAttribute("axis", Integer: -1));
        var taken = trait.Normalized ? best[0] / best[0].Sum(-1, keep: true) : best[0];
        var shares = _graph.Operation("ScatterElements", [scores * 0, best[1], taken], new NodeAttribute("axis", Integer: -1));
        var expert = _config.FeedForward with { Size = trait.Size, Mixture = null };
        Value? sum = null;
        for (var e = 0; e < trait.Experts; e++)
        {
            var mixed = One(expert, x, Name(names.ExpertGate, e), Name(names.ExpertUp, e), Name(names.ExpertDown, e), $"{model.Key(layer, "expert")}.{e}",
                isExpert: true) * shares.Slice(2, e, e + 1);
            sum = sum is { } others ? others + mixed : mixed;
        }
        return sum!.Value;

        string Name(string? format, int e) => prefix + string.Format(CultureInfo.InvariantCulture, format!, e);
    }
}
