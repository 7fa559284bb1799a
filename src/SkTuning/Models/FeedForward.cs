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

    private FeedForward(FeedForwardTrait trait, FrozenLinear? gate, FrozenLinear? up, FrozenLinear down)
        => (_trait, _gate, _up, _down) = (trait, gate, up, down);

    /// <summary>The number of units: the inner size.</summary>
    public int Units => _trait.Size;

    /// <summary>Returns a copy with some of the units, which the caller disposes: their rows of gate and up, and their columns of down.</summary>
    /// <param name="units">The units to keep, ascending.</param>
    /// <param name="device">The device of the weights.</param>
    /// <param name="tensors">Receives the new tensors by canonical name.</param>
    public FeedForward Sliced(int[] units, Device device, IDictionary<string, Tensor> tensors)
    {
        using var scope = NewDisposeScope();
        var kept = Devices.Send(tensor([.. units.Select(u => (long)u)]), device);
        var both = _trait.FusedGate ? cat([kept, kept.Plus(((long)_trait.Size).Kept())]) : kept;
        return new(_trait with { Size = units.Length }, _gate?.Sliced(both, 0, tensors), _up?.Sliced(kept, 0, tensors), _down.Sliced(kept, 1, tensors));
    }

    /// <summary>Returns the norm of all weights of each unit, [units] in fp32: of its rows of gate and up, and of its column of down.</summary>
    public Tensor UnitNorms(Device device)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var sums = _down.Squares(_trait.Size, 1, device);
        if (_up is not null) sums = sums.Plus(_up.Squares(_trait.Size, 0, device));
        if (_gate is not null)
        {
            var gate = _gate.Squares(_trait.FusedGate ? 2L * _trait.Size : _trait.Size, 0, device);
            sums = sums.Plus(_trait.FusedGate ? gate.view(2, -1).sum([0]) : gate);
        }
        return sums.sqrt().MoveToOuterDisposeScope();
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
