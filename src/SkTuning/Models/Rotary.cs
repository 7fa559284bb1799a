using SkTuning.Native;
using static TorchSharp.torch;

namespace SkTuning.Models;

/// <summary>The cos and sin tables of one forward pass, [1 or B, 1, S, Size], which all layers with the same trait share.</summary>
internal sealed class Rotary
{
    private readonly RotaryTrait _trait;
    private readonly Tensor _cos, _sin;

    /// <param name="trait">The frequencies.</param>
    /// <param name="positions">[1 or B, S] int64.</param>
    /// <param name="lengths">Returns the length of each row, prefix included; called only if frequencies depend on it.</param>
    /// <param name="dtype">The dtype of queries and keys.</param>
    public Rotary(RotaryTrait trait, Tensor positions, Func<long[]> lengths, ScalarType dtype)
    {
        _trait = trait;
        using var scope = NewDisposeScope();
        // The frequencies of a row depend on its own length only, so that the other rows of a batch change nothing.
        var perRow = trait.Scaling.DependsOnLength ? lengths().Select(trait.For).ToArray() : [trait.For(0)];
        var half = trait.Size / 2;
        var each = perRow.SelectMany(r => r.Frequencies.Select(f => (float)f)).ToArray();
        var frequencies = Devices.Send(tensor(each, [perRow.Length, 1, half]), positions.device);
        var factors = Devices.Send(tensor(perRow.Select(r => (float)r.Factor).ToArray(), [perRow.Length, 1, 1]), positions.device);
        var angles = positions.to_type(ScalarType.Float32).unsqueeze(-1) * frequencies;                        // [B,S,half]
        angles = trait.Interleaved ? angles.repeat_interleave(2, dim: -1) : cat([angles, angles], -1);
        _cos = (angles.cos() * factors).unsqueeze(1).to_type(dtype).MoveToOuterDisposeScope();
        _sin = (angles.sin() * factors).unsqueeze(1).to_type(dtype).MoveToOuterDisposeScope();
    }

    private Rotary(RotaryTrait trait, Tensor cos, Tensor sin) => (_trait, _cos, _sin) = (trait, cos, sin);

    /// <summary>The same tables with a copy of every tensor.</summary>
    public Rotary Copied(Func<Tensor, Tensor> copy) => new(_trait, copy(_cos), copy(_sin));

    /// <summary>Rotates the first Size values of each head: x [B,H,S,Dh].</summary>
    public Tensor Rotate(Tensor x)
    {
        var size = x.size(-1);
        if (size == _trait.Size) return RotateAll(x);
        var rest = x.narrow(-1, _trait.Size, size - _trait.Size);
        return cat([RotateAll(x.narrow(-1, 0, _trait.Size)), rest], -1);
    }

    private Tensor RotateAll(Tensor x) => (x * _cos).Plus(Swapped(x) * _sin);

    private Tensor Swapped(Tensor x)
    {
        var half = _trait.Size / 2;
        if (!_trait.Interleaved) return cat([x.narrow(-1, half, half).neg(), x.narrow(-1, 0, half)], -1);
        var pairs = x.reshape([.. x.shape[..^1], half, 2]);
        return stack([pairs.select(-1, 1).neg(), pairs.select(-1, 0)], -1).reshape(x.shape);
    }
}
