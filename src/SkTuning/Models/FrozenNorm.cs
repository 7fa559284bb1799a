using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SkTuning.Models;

/// <summary>Layer norm or RMS norm over the last dimension, in fp32 whatever comes in.</summary>
internal sealed class FrozenNorm : IDisposable
{
    private readonly NormTrait _trait;
    private readonly Tensor? _weight;
    private readonly Tensor? _bias;

    private FrozenNorm(NormTrait trait, Tensor? weight, Tensor? bias) => (_trait, _weight, _bias) = (trait, weight, bias);

    /// <param name="weights">The checkpoint.</param>
    /// <param name="trait">Which norm.</param>
    /// <param name="name">Its name without ".weight".</param>
    /// <param name="shape">The weight's shape: the last dimension is normalised.</param>
    public static FrozenNorm Read(WeightReader weights, NormTrait trait, string name, params long[] shape)
    {
        if (!trait.Affine) return new(trait, null, null);
        var weight = weights.Exact(name + ".weight", shape);
        var bias = trait.Bias ? weights.Exact(name + ".bias", shape) : null;
        if (!trait.AddsOne) return new(trait, weight, bias);
        using (weight)
        using (no_grad())
            return new(trait, weight.add(1).DetachFromDisposeScope(), bias);
    }

    /// <summary>A norm whose heads each have a weight of their own: <paramref name="name"/> has {0} for the head.</summary>
    public static FrozenNorm ReadEach(WeightReader weights, NormTrait trait, string name, int heads, int size)
    {
        using var off = no_grad();
        return new(trait, Stacked(".weight"), trait.Bias ? Stacked(".bias") : null);

        Tensor Stacked(string end)
        {
            var each = Enumerable.Range(0, heads).Select(h => weights.Exact(string.Format(name, h) + end, size)).ToList();
            try { return stack(each).DetachFromDisposeScope(); }
            finally { each.ForEach(t => t.Dispose()); }
        }
    }

    /// <summary>fp32, the shape of <paramref name="x"/>.</summary>
    public Tensor Forward(Tensor x)
    {
        var exact = x.to_type(ScalarType.Float32);
        if (_trait.Kind == NormKind.Layer)
        {
            long[] last = [exact.shape[^1]];
            if (_weight is null || _weight.dim() == 1) return F.layer_norm(exact, last, _weight, _bias, _trait.Epsilon);
            var each = F.layer_norm(exact, last, null, null, _trait.Epsilon) * _weight;
            return _bias is null ? each : each + _bias;
        }
        var scaled = exact * (exact.square().mean([-1], keepdim: true) + _trait.Epsilon).rsqrt();
        return _weight is null ? scaled : scaled * _weight;
    }

    public void Dispose()
    {
        _weight?.Dispose();
        _bias?.Dispose();
    }
}
