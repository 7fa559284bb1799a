using SkTuning.Native;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SkTuning.Models;

/// <summary>The part of a layer that works on each position separately.</summary>
internal interface IFeedForward : IDisposable
{
    /// <summary>Runs the feed-forward, [.., D] -> [.., D] in the compute dtype.</summary>
    Tensor Forward(Tensor x, LayerContext context);
}

/// <summary>down(act(up x)), or gated: down(act(gate x) · up x).</summary>
internal sealed class FeedForward : IFeedForward
{
    private readonly FeedForwardTrait _trait;
    private readonly FrozenLinear? _gate, _up;
    private readonly FrozenLinear _down;

    public FeedForward(WeightReader weights, FeedForwardTrait trait, int hidden, bool transposed, string? gate, string? up, string down)
    {
        _trait = trait;
        var inner = trait.Size;
        if (trait.Gated) _gate = FrozenLinear.Read(weights, gate!, hidden, trait.FusedGate ? 2 * inner : inner, trait.Bias, transposed);
        if (!trait.FusedGate) _up = FrozenLinear.Read(weights, up!, hidden, inner, trait.Bias, transposed);
        _down = FrozenLinear.Read(weights, down, inner, hidden, trait.Bias, transposed);
    }

    /// <summary>Reads the feed-forward of a layer.</summary>
    public static FeedForward Read(WeightReader weights, ModelConfig config, WeightNames names, string prefix)
        => new(weights, config.FeedForward, config.Hidden, config.TransposedLinears, prefix + names.Gate, prefix + names.Up, prefix + names.Down);

    public Tensor Forward(Tensor x, LayerContext context) => context.Apply(_down, LinearPart.Down, Inner(x, context));

    private Tensor Inner(Tensor x, LayerContext context)
    {
        if (!_trait.Gated) return Act(context.Apply(_up!, LinearPart.Up, x));
        if (!_trait.FusedGate) return Act(context.Apply(_gate!, LinearPart.Gate, x)) * context.Apply(_up!, LinearPart.Up, x);
        var both = Both(x);
        return Act(context.ApplyPart(LinearPart.Gate, x, Half(both, 0), t => Half(Both(t), 0)))
            * context.ApplyPart(LinearPart.Up, x, Half(both, 1), t => Half(Both(t), 1));

        Tensor Both(Tensor t) => context.Apply(_gate!, LinearPart.GateUp, t);
        // Contiguous, as the output of a changed part is: the activation rounds strided values differently.
        Tensor Half(Tensor t, int which) => t.narrow(-1, which * _trait.Size, _trait.Size).contiguous();
    }

    private Tensor Act(Tensor x) => _trait.Activation.Of(x);

    public void Dispose()
    {
        foreach (var part in (IDisposable?[])[_gate, _up, _down]) part?.Dispose();
    }
}

/// <summary>Computes activations.</summary>
internal static class Activations
{
    public static Tensor Of(this Activation activation, Tensor x) => activation switch
    {
        Activation.Gelu => F.gelu(x),
        Activation.GeluTanh => x.gelu(TorchSharp.Modules.GELU.Approximate.tanh),
        Activation.Relu => F.relu(x),
        Activation.Silu => F.silu(x),
        Activation.ReluSquared => F.relu(x).Squared(),
        Activation.QuickGelu => x * (x * 1.702f.Kept()).sigmoid(),
        Activation.Tanh => x.tanh(),
        _ => throw new ArgumentOutOfRangeException(nameof(activation)),
    };
}
