using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SkTuning.Models;

/// <summary>down(act(up x)), or gated: down(act(gate x) · up x).</summary>
internal sealed class FeedForward : IDisposable
{
    private readonly FeedForwardTrait _trait;
    private readonly FrozenLinear? _gate, _up;
    private readonly FrozenLinear _down;

    public FeedForward(WeightReader weights, ModelConfig config, WeightNames names, string prefix)
    {
        _trait = config.FeedForward;
        var transposed = config.TransposedLinears;
        var inner = _trait.Size;
        if (_trait.Gated) _gate = FrozenLinear.Read(weights, prefix + names.Gate, config.Hidden, _trait.FusedGate ? 2 * inner : inner, _trait.Bias, transposed);
        if (!_trait.FusedGate) _up = FrozenLinear.Read(weights, prefix + names.Up, config.Hidden, inner, _trait.Bias, transposed);
        _down = FrozenLinear.Read(weights, prefix + names.Down, inner, config.Hidden, _trait.Bias, transposed);
    }

    /// <summary>[.., D] -> [.., D].</summary>
    public Tensor Forward(Tensor x)
    {
        if (!_trait.Gated) return _down.Forward(Act(_up!.Forward(x)));
        var gate = _gate!.Forward(x);
        if (!_trait.FusedGate) return _down.Forward(Act(gate) * _up!.Forward(x));
        return _down.Forward(Act(gate.narrow(-1, 0, _trait.Size)) * gate.narrow(-1, _trait.Size, _trait.Size));
    }

    private Tensor Act(Tensor x) => _trait.Activation.Of(x);

    public void Dispose()
    {
        foreach (var part in (IDisposable?[])[_gate, _up, _down]) part?.Dispose();
    }
}

internal static class Activations
{
    public static Tensor Of(this Activation activation, Tensor x) => activation switch
    {
        Activation.Gelu => F.gelu(x),
        Activation.GeluTanh => x.gelu(TorchSharp.Modules.GELU.Approximate.tanh),
        Activation.Relu => F.relu(x),
        Activation.Silu => F.silu(x),
        Activation.ReluSquared => F.relu(x).square(),
        Activation.QuickGelu => x * (x * 1.702f).sigmoid(),
        Activation.Tanh => x.tanh(),
        _ => throw new ArgumentOutOfRangeException(nameof(activation)),
    };
}
