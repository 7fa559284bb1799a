using System.Globalization;
using SkTuning.Native;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SkTuning.Models;

/// <summary>Layer norm or RMS norm over the last dimension, computed in fp32 whatever the dtype of the input.</summary>
internal sealed class FrozenNorm : IDisposable
{
    private readonly string _name;
    private readonly NormTrait _trait;
    private readonly Tensor? _weight;
    private readonly Tensor? _bias;

    /// <summary>The weight as it is stored, if that is the difference from one: the model lists it among its tensors.</summary>
    private Tensor? _stored;

    /// <summary>The shape of what is normalized if weight and bias are vectors, which libtorch multiplies and adds itself.</summary>
    private readonly long[]? _vector;

    private FrozenNorm(string name, NormTrait trait, Tensor? weight, Tensor? bias)
        => (_name, _trait, _weight, _bias, _vector) = (name, trait, weight, bias, weight?.dim() == 1 && bias?.dim() is null or 1 ? weight.shape : null);

    /// <summary>Reads a norm.</summary>
    /// <param name="weights">The checkpoint.</param>
    /// <param name="trait">The kind of norm.</param>
    /// <param name="name">The name without ".weight".</param>
    /// <param name="shape">The shape of the weight; the last dimension is normalized.</param>
    public static FrozenNorm Read(WeightReader weights, NormTrait trait, string name, params long[] shape)
    {
        if (!trait.Affine) return new(name, trait, null, null);
        var weight = weights.Exact(name + ".weight", shape);
        var bias = trait.Bias ? weights.Exact(name + ".bias", shape) : null;
        if (bias is not null) weights.Replaceable[name + ".bias"] = bias;
        if (!trait.AddsOne)
        {
            weights.Replaceable[name + ".weight"] = weight;
            return new(name, trait, weight, bias);
        }
        using (no_grad()) return new(name, trait, weight.Plus(1.Kept()).DetachFromDisposeScope(), bias) { _stored = weight };
    }

    /// <summary>Reads a norm with a separate weight for each head: <paramref name="name"/> has {0} for the head.</summary>
    public static FrozenNorm ReadEach(WeightReader weights, NormTrait trait, string name, int heads, int size)
    {
        using var off = no_grad();
        return new(name, trait, Stacked(".weight"), trait.Bias ? Stacked(".bias") : null);

        Tensor Stacked(string end)
        {
            var each = Enumerable.Range(0, heads).Select(h => weights.Exact(string.Format(CultureInfo.InvariantCulture, name, h) + end, size)).ToList();
            try { return stack(each).DetachFromDisposeScope(); }
            finally { each.ForEach(t => t.Dispose()); }
        }
    }

    /// <summary>Returns the normalized values in fp32, in the shape of <paramref name="x"/>.</summary>
    public Tensor Forward(Tensor x, IReadOnlyDictionary<string, Tensor>? replaced = null)
    {
        var exact = x.Exact();
        if (replaced is null && _vector is not null && _trait.Kind == NormKind.Layer) return F.layer_norm(exact, _vector, _weight, _bias, _trait.Epsilon);
        var (weight, bias) = (Or(".weight", _weight), Or(".bias", _bias));
        if (_trait.Kind == NormKind.Layer)
        {
            long[] last = [exact.shape[^1]];
            if (weight is null or { shape.Length: 1 } && bias is null or { shape.Length: 1 }) return F.layer_norm(exact, last, weight, bias, _trait.Epsilon);
            var each = F.layer_norm(exact, last, null, null, _trait.Epsilon);
            return weight is null ? each.Plus(bias!) : bias is null ? each * weight : bias.addcmul(each, weight, 1.Kept());
        }
        var scaled = exact * exact.Squared().mean([-1], keepdim: true).Plus(_trait.Epsilon.Kept()).rsqrt();
        return weight is null ? scaled : scaled * weight;

        // One entry for each row, [B,1,n], of heads [B,S,H,n]: [B,1,1,n].
        Tensor? Or(string end, Tensor? frozen)
            => replaced is null || !replaced.TryGetValue(_name + end, out var other) ? frozen : other.dim() == 3 && x.dim() == 4 ? other.unsqueeze(1) : other;
    }

    public void Dispose()
    {
        _weight?.Dispose();
        _bias?.Dispose();
        _stored?.Dispose();
    }
}
