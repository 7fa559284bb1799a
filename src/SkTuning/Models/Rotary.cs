using SkTuning.Native;
using static TorchSharp.torch;

namespace SkTuning.Models;

/// <summary>cos and sin of one forward pass, [1 or B, 1, S, Size], made once for all layers with the same trait.</summary>
internal sealed class Rotary
{
    private readonly RotaryTrait _trait;
    private readonly Tensor _cos, _sin;

    /// <param name="trait">The frequencies.</param>
    /// <param name="positions">[1 or B, S] int64.</param>
    /// <param name="lengths">The length of each row, prefix included; asked for only when frequencies depend on it.</param>
    /// <param name="dtype">The dtype of queries and keys.</param>
    public Rotary(RotaryTrait trait, Tensor positions, Func<long[]> lengths, ScalarType dtype)
    {
        _trait = trait;
        using var scope = NewDisposeScope();
        // A row's frequencies come from its own length, so that its batch mates change nothing.
        var perRow = trait.Scaling.DependsOnLength ? lengths().Select(trait.For).ToArray() : [trait.For(0)];
        var half = trait.Size / 2;
        var frequencies = Devices.Send(tensor(perRow.SelectMany(r => r.Frequencies.Select(f => (float)f)).ToArray(), [perRow.Length, 1, half]), positions.device);
        var factors = Devices.Send(tensor(perRow.Select(r => (float)r.Factor).ToArray(), [perRow.Length, 1, 1]), positions.device);
        var angles = positions.to_type(ScalarType.Float32).unsqueeze(-1) * frequencies;                        // [B,S,half]
        angles = trait.Interleaved ? angles.repeat_interleave(2, dim: -1) : cat([angles, angles], -1);
        _cos = (angles.cos() * factors).unsqueeze(1).to_type(dtype).MoveToOuterDisposeScope();
        _sin = (angles.sin() * factors).unsqueeze(1).to_type(dtype).MoveToOuterDisposeScope();
    }

    private Rotary(RotaryTrait trait, Tensor cos, Tensor sin) => (_trait, _cos, _sin) = (trait, cos, sin);

    /// <summary>The same with every tensor copied.</summary>
    public Rotary Copied(Func<Tensor, Tensor> copy) => new(_trait, copy(_cos), copy(_sin));

    /// <summary>Turns the first Size values of each head: x [B,H,S,Dh].</summary>
    public Tensor Turn(Tensor x)
    {
        if (x.shape[^1] == _trait.Size) return TurnAll(x);
        var rest = x.narrow(-1, _trait.Size, x.shape[^1] - _trait.Size);
        return cat([TurnAll(x.narrow(-1, 0, _trait.Size)), rest], -1);
    }

    private Tensor TurnAll(Tensor x) => (x * _cos).Plus(Swapped(x) * _sin);

    private Tensor Swapped(Tensor x)
    {
        var half = _trait.Size / 2;
        if (!_trait.Interleaved) return cat([x.narrow(-1, half, half).neg(), x.narrow(-1, 0, half)], -1);
        var pairs = x.reshape([.. x.shape[..^1], half, 2]);
        return stack([pairs.select(-1, 1).neg(), pairs.select(-1, 0)], -1).reshape(x.shape);
    }
}
