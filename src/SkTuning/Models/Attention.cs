using SkTuning.Native;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SkTuning.Models;

/// <summary>
/// Self-attention with an optional prefix of keys and values and an optional memory. No cache is kept: the output depends only on the inputs.
/// </summary>
internal sealed class Attention : IDisposable
{
    private readonly int _heads, _groups, _size;
    private readonly AttentionTrait _trait;
    private readonly FrozenLinear? _query, _key, _value, _fused;
    private readonly FrozenLinear _output;
    private readonly FrozenNorm? _queryNorm, _keyNorm;
    private readonly DisentangledScores? _disentangled;

    public Attention(WeightReader weights, ModelConfig config, WeightNames names, string prefix)
    {
        _trait = config.Attention;
        (_heads, _groups, _size) = (_trait.Heads, _trait.KeyValueHeads, _trait.HeadSize);
        long q = (long)_heads * _size, kv = (long)_groups * _size;
        var transposed = config.TransposedLinears;
        if (_trait.Fused != FusedLayout.None)
            _fused = FrozenLinear.Read(weights, prefix + names.Fused, config.Hidden, q + 2 * kv, _trait.Bias, transposed);
        else
        {
            _query = FrozenLinear.Read(weights, prefix + names.Query, config.Hidden, q, _trait.Bias, transposed);
            _key = FrozenLinear.Read(weights, prefix + names.Key, config.Hidden, kv, _trait.Bias, transposed);
            _value = FrozenLinear.Read(weights, prefix + names.Value, config.Hidden, kv, _trait.Bias, transposed);
        }
        _output = FrozenLinear.Read(weights, prefix + names.Output, q, config.Hidden, _trait.OutputBias ?? _trait.Bias, transposed);
        if (_trait.Disentangled is { } disentangled) _disentangled = new(weights, config, disentangled, names, prefix, _query!, _key!);
        if (_trait.QueryKeyNorm == QueryKeyNorm.None) return;
        var norm = _trait.QueryKeyNormTrait ?? config.Norm;
        _queryNorm = Norm(names.QueryNorm!, _heads);
        _keyNorm = Norm(names.KeyNorm!, _groups);

        FrozenNorm Norm(string name, int heads)
            => name.Contains("{0}")
                ? FrozenNorm.ReadEach(weights, norm, prefix + name, heads, _size)
                : FrozenNorm.Read(weights, norm, prefix + name, NormShape(heads));
    }

    private long[] NormShape(int heads) => _trait.QueryKeyNorm switch
    {
        QueryKeyNorm.PerHead => [_size],
        QueryKeyNorm.EachHead => [heads, _size],
        _ => [(long)heads * _size],
    };

    /// <param name="x">[B,S,D] in the compute dtype.</param>
    /// <param name="context">Prefix, bias, rotary tables, and the N requested positions (N = S: all).</param>
    /// <param name="kept">The keys and values of this layer without the prefix, [B,Hkv,S,Dh].</param>
    /// <returns>[B,N,D] in the compute dtype.</returns>
    public Tensor Forward(Tensor x, LayerContext context, out LayerKeys kept)
    {
        var (q, k, v) = Project(x, context);                                                                    // [B,H,N,Dh], [B,Hkv,S,Dh]
        var (plainQueries, plainKeys) = (q, k);
        if (context.Rotary is { } rotary) (q, k) = ((context.QueryRotary ?? rotary).Rotate(q), rotary.Rotate(k));
        kept = new(plainKeys, k, v);
        var (rows, length) = (q.size(0), q.size(2));
        if (context.Prefix is { } prefix) (k, v) = (After(prefix.Keys, k), After(prefix.Values, v));

        // The queries that share a key/value head are stacked, so that no key is repeated.
        if (_heads != _groups) q = q.reshape(rows, _groups, _heads / _groups * length, _size);
        var bias = context.Bias;
        if (_disentangled is not null)
        {
            var met = _disentangled.Forward(q, k, context, Scale(context.Layer));
            bias = bias is null ? met : bias.Plus(met);
        }
        var mixed = Mix(q, k, v, bias, context);
        if (_heads != _groups) mixed = mixed.reshape(rows, _heads, length, _size);
        if (context.Memory is { } memory) mixed = mixed.Plus(AttentionMemory.Recall(plainQueries, memory));
        mixed = mixed.transpose(1, 2).reshape(rows, length, (long)_heads * _size);
        return context.Apply(_output, LinearPart.Output, mixed);
    }

    private static Tensor After(Tensor prefix, Tensor own)
        => cat([prefix.to_type(own.dtype).expand(own.size(0), prefix.size(1), prefix.size(2), prefix.size(3)), own], 2);

    private float Scale(int layer) => (_trait.Scale ?? 1 / MathF.Sqrt(_size)) / (_trait.ScaleByLayer ? layer + 1 : 1);

    private Tensor Mix(Tensor q, Tensor k, Tensor v, Tensor? bias, LayerContext context)
    {
        var (standard, scale) = (1 / MathF.Sqrt(_size), Scale(context.Layer));
        // On CPUs, the backward pass of fused attention in bf16 is several times slower than two products.
        if ((context.Compute == ScalarType.Float32 || q.device.type == TorchSharp.DeviceType.CUDA) && _trait.SoftCap is null && _disentangled is null)
        {
            if (scale != standard) q = q * (scale / standard).Kept();
            return F.scaled_dot_product_attention(q, k, v, bias);
        }
        var (batch, n, m) = (q.size(0), q.size(2), k.size(2));
        var rows = batch * _groups;
        var scores = (q * scale.Kept()).reshape(rows, n, _size).bmm(k.reshape(rows, m, _size).transpose(1, 2)).view(batch, _groups, n, m);
        if (_trait.SoftCap is { } cap) scores = (scores / cap.Kept()).tanh() * cap.Kept();
        if (bias is not null) scores = scores.Plus(bias);
        return scores.softmax(-1).view(rows, n, m).bmm(v.reshape(rows, m, _size)).view(batch, _groups, n, _size);
    }

    private (Tensor Q, Tensor K, Tensor V) Project(Tensor x, LayerContext context)
    {
        Tensor q, k, v;
        if (_fused is null)
        {
            q = context.Apply(_query!, LinearPart.Query, context.AtOutputs(x));
            (k, v) = (context.Apply(_key!, LinearPart.Key, x), context.Apply(_value!, LinearPart.Value, x));
        }
        else
        {
            (q, k, v) = Fused(_fused, x, context);
            q = context.AtOutputs(q);
        }
        if (_trait.Clip is { } clip) (q, k, v) = (Clipped(q, clip), Clipped(k, clip), Clipped(v, clip));
        var dtype = q.dtype;
        if (_trait.QueryKeyNorm == QueryKeyNorm.Whole) (q, k) = (Normed(_queryNorm!, q), Normed(_keyNorm!, k));
        (q, k, v) = (Heads(q, _heads), Heads(k, _groups), Heads(v, _groups));
        if (_trait.QueryKeyNorm is QueryKeyNorm.PerHead or QueryKeyNorm.EachHead) (q, k) = (Normed(_queryNorm!, q), Normed(_keyNorm!, k));
        return (q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2));

        Tensor Normed(FrozenNorm norm, Tensor t) => norm.Forward(t, context.Replaced).to_type(dtype);
        Tensor Heads(Tensor t, int heads) => t.reshape(t.size(0), t.size(1), heads, _size);
        static Tensor Clipped(Tensor t, float to) => t.clamp((-to).Kept(), to.Kept());
    }

    private (Tensor, Tensor, Tensor) Fused(FrozenLinear fused, Tensor x, LayerContext context)
    {
        var (q, k, v) = Whole(x);
        return (
            context.ApplyPart(LinearPart.Query, x, q, t => Whole(t).Q),
            context.ApplyPart(LinearPart.Key, x, k, t => Whole(t).K),
            context.ApplyPart(LinearPart.Value, x, v, t => Whole(t).V));

        (Tensor Q, Tensor K, Tensor V) Whole(Tensor t) => Split(context.Apply(fused, LinearPart.QueryKeyValue, t));
    }

    private (Tensor, Tensor, Tensor) Split(Tensor qkv)
    {
        long q = (long)_heads * _size, kv = (long)_groups * _size;
        if (_trait.Fused == FusedLayout.Concatenated) return (qkv.narrow(-1, 0, q), qkv.narrow(-1, q, kv), qkv.narrow(-1, q + kv, kv));
        var share = _heads / _groups;
        var grouped = qkv.reshape(qkv.shape[0], qkv.shape[1], _groups, share + 2, _size);                       // [B,S,Hkv,G+2,Dh]
        return (grouped.narrow(-2, 0, share).flatten(2), grouped.select(-2, share).flatten(2), grouped.select(-2, share + 1).flatten(2));
    }

    public void Dispose()
    {
        foreach (var part in (IDisposable?[])[_query, _key, _value, _fused, _output, _queryNorm, _keyNorm, _disentangled]) part?.Dispose();
    }
}
