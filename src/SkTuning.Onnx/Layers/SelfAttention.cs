using SkTuning.Models;
using SkTuning.Onnx.Graphs;
using static TorchSharp.torch;

namespace SkTuning.Onnx.Layers;

/// <summary>The attention of one layer, as in <see cref="Attention"/>. Changes of the injection are folded into the weights.</summary>
internal sealed class SelfAttention(ModelGraph model, int layer)
{
    private readonly ModelConfig _config = model.Config;
    private readonly AttentionTrait _trait = model.Config.Attention;
    private readonly GraphBuilder _graph = model.Graph;
    private readonly Weights _weights = model.Weights;
    private readonly int _heads = model.Config.Attention.Heads, _groups = model.Config.Attention.KeyValueHeads, _size = model.Config.Attention.HeadSize;

    private string Prefix => model.Prefix(layer);

    /// <summary>[R,S,D] -> [R,S,D].</summary>
    public Value Forward(Value x)
    {
        var (q, k, v) = Project(x);                                                                             // [R,H,S,Dh], [R,Hkv,S,Dh]
        var plainQueries = q;
        if (model.RotationOf(layer) is { } rotation) (q, k) = (rotation.Rotate(q, _size), rotation.Rotate(k, _size));
        var prefix = model.Injection.Prefix?[layer];
        if (prefix is not null) (k, v) = (After("keys", prefix.Keys, k), After("values", prefix.Values, v));
        var bias = model.Bias.For(layer, prefix is not null);
        var scale = (_trait.Scale ?? 1 / MathF.Sqrt(_size)) / (_trait.ScaleByLayer ? layer + 1 : 1);
        if (model.Distances is { } distances) bias += distances.Scores(layer, q, k, prefix is not null) * scale;
        var mixed = Mix(q, k, v, bias, scale);                                                                  // [R,H,S,Dh]
        if (model.Injection.Memory?[layer] is { } memory) mixed += Recall(plainQueries, memory);
        return _weights.Apply(Output(), mixed.Transpose(0, 2, 1, 3).Reshape(0, 0, (long)_heads * _size));
    }

    private Value Mix(Value q, Value k, Value v, Value bias, float scale)
    {
        // The queries that share a key/value head are stacked, so that no key is repeated.
        var share = _heads / _groups;
        q *= scale;
        if (share > 1) q = q.Reshape(_graph.Concat(0, _graph.Integers(0, _groups, -1, _size)));
        var scores = q.Product(k.Transpose(0, 1, 3, 2));                                                        // [R,Hkv,G·S,K]
        if (share > 1) scores = scores.Reshape(_graph.Concat(0, _graph.Integers(0, _heads, -1), k.Size(2)));
        if (_trait.SoftCap is { } cap) scores = (scores / cap).To("Tanh") * cap;
        var shares = (scores + bias).Softmax();
        if (share > 1) shares = shares.Reshape(_graph.Concat(0, _graph.Integers(0, _groups, -1), k.Size(2)));
        var mixed = shares.Product(v);
        return share > 1 ? mixed.Reshape(0, _heads, -1, _size) : mixed;
    }

    private Value After(string name, Tensor prefix, Value own)
    {
        var entries = model.Sequence.PrefixPart(layer, name, prefix);
        return _graph.Concat(2, model.Sequence.PerRow(entries), own);
    }

    /// <summary>φ(q)ᵀM with φ(x) = elu(x) + 1.</summary>
    private Value Recall(Value queries, Tensor memory)
        => (queries.To("Relu") + queries.AtMost(_graph.Number(0)).To("Exp")).Product(_weights.Adapter($"injection.memory.{layer}", () => memory, memory.shape));

    private (Value Q, Value K, Value V) Project(Value x)
    {
        var parts = Parts();
        var split = _weights.ApplyAll(model.Key(layer, "qkv"), parts, x);
        var (q, k, v) = (split[0], split[1], split[2]);
        if (_trait.Clip is { } clip) (q, k, v) = (Clipped(q, clip), Clipped(k, clip), Clipped(v, clip));
        var (norm, names) = (_trait.QueryKeyNormTrait ?? _config.Norm, model.Names);
        if (_trait.QueryKeyNorm == QueryKeyNorm.Whole)
        {
            q = model.Norms.Apply(norm, Prefix + names.QueryNorm, q, (long)_heads * _size);
            k = model.Norms.Apply(norm, Prefix + names.KeyNorm, k, (long)_groups * _size);
        }
        (q, k, v) = (Heads(q, _heads), Heads(k, _groups), Heads(v, _groups));
        if (_trait.QueryKeyNorm is QueryKeyNorm.PerHead or QueryKeyNorm.EachHead)
        {
            var each = _trait.QueryKeyNorm == QueryKeyNorm.EachHead;
            q = model.Norms.Apply(norm, Prefix + names.QueryNorm, q, each ? [_heads, _size] : [_size]);
            k = model.Norms.Apply(norm, Prefix + names.KeyNorm, k, each ? [_groups, _size] : [_size]);
        }
        return (q.Transpose(0, 2, 1, 3), k.Transpose(0, 2, 1, 3), v.Transpose(0, 2, 1, 3));

        Value Heads(Value t, int heads) => t.Reshape(0, 0, heads, _size);
        Value Clipped(Value t, float to) => t.AtLeast(_graph.Number(-to)).AtMost(_graph.Number(to));
    }

    /// <summary>Queries, keys and values as three layers, whatever the layout of the checkpoint.</summary>
    private Linear[] Parts()
    {
        long q = (long)_heads * _size, kv = (long)_groups * _size;
        var names = model.Names;
        if (_trait.Fused == FusedLayout.None)
            return [Own(names.Query!, q, LinearPart.Query), Own(names.Key!, kv, LinearPart.Key), Own(names.Value!, kv, LinearPart.Value)];
        var whole = Own(names.Fused!, q + 2 * kv, LinearPart.QueryKeyValue);
        var (rows, share) = (Enumerable.Range(0, (int)(q + 2 * kv)).Select(r => (long)r), _heads / _groups + 2);
        Func<long, int> part = _trait.Fused == FusedLayout.Concatenated
            ? r => r < q ? 0 : r < q + kv ? 1 : 2
            : r => Math.Max(0, (int)(r / _size % share) - (share - 3));
        var byPart = rows.ToLookup(part);
        return [.. ((LinearPart[])[LinearPart.Query, LinearPart.Key, LinearPart.Value]).Select((p, i)
            => model.Changed(layer, p, _weights.Rows(whole, model.Key(layer, p.ToString()), [.. byPart[i]])))];

        Linear Own(string name, long outputs, LinearPart part)
            => model.Changed(layer, part, _weights.Linear(Prefix + name, _config.Hidden, outputs, _trait.Bias, _config.TransposedLinears));
    }

    private Linear Output() => model.Changed(layer, LinearPart.Output, _weights.Linear(Prefix + model.Names.Output, (long)_heads * _size, _config.Hidden,
        _trait.OutputBias ?? _trait.Bias, _config.TransposedLinears));
}
