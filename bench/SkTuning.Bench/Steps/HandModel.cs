using SkTuning.Models;
using SkTuning.Native;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SkTuning.Bench.Steps;

/// <summary>
/// BERT and Llama written by hand as straight-line code, without traits and slots. Uses fp32 with libtorch's fused attention, or mixed precision with bf16:
/// the residual stream and norms in fp32, everything inside a block in bf16, attention as two products (fused on a GPU).
/// </summary>
internal sealed class HandModel
{
    private const double LayerNormEpsilon = 1e-12;
    private const float RmsEpsilon = 1e-5f, Theta = 10000, Hidden = -1e30f;

    private readonly StepShape _shape;
    private readonly ScalarType _compute;
    private readonly Layer[] _layers;
    private readonly Tensor _words;
    private readonly Tensor? _positions, _types, _finalNorm;
    private readonly Linear? _embeddingNorm;

    private sealed record Linear(Tensor Weight, Tensor? Bias)
    {
        public Tensor Of(Tensor x) => F.linear(x, Weight, Bias);
    }

    private sealed record Layer(Linear Query, Linear Key, Linear Value, Linear Output, Linear? Gate, Linear Up, Linear Down, Linear AttentionNorm,
        Linear FeedForwardNorm);

    public HandModel(StepShape shape, Precision precision, WeightNames names, IReadOnlyDictionary<string, Tensor> weights)
    {
        (_shape, _compute) = (shape, precision.Compute());
        _words = weights[names.Embedding];
        if (!shape.Causal) (_positions, _types, _embeddingNorm) = (weights[names.Positions!], weights[names.TokenTypes!], Of(names.EmbeddingNorm!));
        else _finalNorm = weights[names.FinalNorm + ".weight"];
        _layers = [.. Enumerable.Range(0, shape.Layers).Select(names.OfLayer).Select(l => new Layer(
            Of(l + names.Query), Of(l + names.Key), Of(l + names.Value), Of(l + names.Output), names.Gate is null ? null : Of(l + names.Gate),
            Of(l + names.Up), Of(l + names.Down),
            Of(l + names.AttentionNorm), Of(l + names.FeedForwardNorm)))];

        Linear Of(string name) => new(weights[name + ".weight"], weights.GetValueOrDefault(name + ".bias"));
    }

    public Device Device => _words.device;

    /// <summary>Returns the states [B,S,D] after the last layer (and its norm).</summary>
    /// <param name="ids">[B,S].</param>
    /// <param name="start">The first token's position.</param>
    /// <param name="prefix">The keys and values before the text, [1 or B,Hkv,P,Dh] per layer.</param>
    /// <param name="scopes">Whether to use a dispose scope per layer.</param>
    /// <param name="read">Receives the input and the keys and values of each layer.</param>
    public Tensor Forward(Tensor ids, long start, IReadOnlyList<(Tensor Keys, Tensor Values)>? prefix, bool scopes,
        List<(Tensor States, Tensor Keys, Tensor Values)>? read = null)
    {
        var (rows, length) = (ids.shape[0], ids.shape[1]);
        var x = Embedded(ids, start, length);
        var (cos, sin) = _shape.Causal ? Turns(start, length) : default;
        var bias = _shape.Causal ? CausalBias(length, prefix?[0].Keys.shape[2] ?? 0) : null;
        for (var l = 0; l < _layers.Length; l++)
        {
            var scope = scopes ? NewDisposeScope() : null;
            var input = x;
            x = Forward(_layers[l], x, prefix?[l], bias, cos, sin, rows, length, out var keys, out var values);
            if (scope is not null)
            {
                x = x.MoveToOuterDisposeScope();
                if (read is not null) (keys, values) = (keys.MoveToOuterDisposeScope(), values.MoveToOuterDisposeScope());
                scope.Dispose();
            }
            read?.Add((input, keys, values));
        }
        return _finalNorm is null ? x : Rms(x, _finalNorm);
    }

    private Tensor Embedded(Tensor ids, long start, long length)
    {
        var words = _words.index_select(0, ids.reshape(-1)).view(ids.shape[0], length, _shape.Hidden);
        return _positions is null ? words : LayerNorm(words.Plus(_positions.narrow(0, start, length)).Plus(_types![0]), _embeddingNorm!);
    }

    private Tensor Forward(Layer layer, Tensor x, (Tensor Keys, Tensor Values)? prefix, Tensor? bias, Tensor? cos, Tensor? sin, long rows, long length,
        out Tensor ownKeys, out Tensor ownValues)
    {
        var (heads, groups, size) = (_shape.Heads, _shape.KeyValueHeads, _shape.HeadSize);
        var input = (_shape.Causal ? Rms(x, layer.AttentionNorm.Weight) : x).to_type(_compute);
        var q = layer.Query.Of(input).view(rows, length, heads, size).transpose(1, 2);
        var k = layer.Key.Of(input).view(rows, length, groups, size).transpose(1, 2);
        var v = layer.Value.Of(input).view(rows, length, groups, size).transpose(1, 2);
        if (_shape.Causal) (q, k) = (Turned(q, cos!, sin!), Turned(k, cos!, sin!));
        (ownKeys, ownValues) = (k, v);
        if (prefix is var (before, beside)) (k, v) = (Behind(before, k), Behind(beside, v));

        // Queries that share keys are in consecutive rows.
        var (queries, all) = (heads / groups * length, k.shape[2]);
        q = q.reshape(rows, groups, queries, size);
        Tensor mixed;
        if (_compute == ScalarType.Float32 || q.device.type == TorchSharp.DeviceType.CUDA) mixed = F.scaled_dot_product_attention(q, k, v, bias);
        else
        {
            var scores = (q * (1 / MathF.Sqrt(size)).Kept()).reshape(rows * groups, queries, size).bmm(k.reshape(rows * groups, all, size).transpose(1, 2));
            if (bias is not null) scores = scores.view(rows, groups, queries, all).Plus(bias);
            mixed = scores.softmax(-1).view(rows * groups, queries, all).bmm(v.reshape(rows * groups, all, size));
        }
        var attended = layer.Output.Of(mixed.reshape(rows, heads, length, size).transpose(1, 2).reshape(rows, length, heads * size));
        if (!_shape.Causal)
        {
            x = LayerNorm(x.Plus(attended), layer.AttentionNorm);
            return LayerNorm(x.Plus(layer.Down.Of(F.gelu(layer.Up.Of(x.to_type(_compute))))), layer.FeedForwardNorm);
        }
        x = x.Plus(attended);
        var normed = Rms(x, layer.FeedForwardNorm.Weight).to_type(_compute);
        return x.Plus(layer.Down.Of(F.silu(layer.Gate!.Of(normed)) * layer.Up.Of(normed)));
    }

    private static Tensor Behind(Tensor prefix, Tensor own)
        => cat([prefix.to_type(own.dtype).expand(own.shape[0], prefix.shape[1], prefix.shape[2], prefix.shape[3]), own], 2);

    private static Tensor LayerNorm(Tensor x, Linear norm) => F.layer_norm(x, [x.shape[^1]], norm.Weight, norm.Bias, LayerNormEpsilon);

    private static Tensor Rms(Tensor x, Tensor weight) => x * x.Squared().mean([-1], keepdim: true).Plus(RmsEpsilon.Kept()).rsqrt() * weight;

    private static Tensor Turned(Tensor x, Tensor cos, Tensor sin)
    {
        var half = x.shape[^1] / 2;
        return (x * cos).Plus(cat([x.narrow(-1, half, half).neg(), x.narrow(-1, 0, half)], -1) * sin);
    }

    private (Tensor Cos, Tensor Sin) Turns(long start, long length)
    {
        var half = _shape.HeadSize / 2;
        var frequencies = tensor(Enumerable.Range(0, half).Select(i => MathF.Pow(Theta, -2f * i / _shape.HeadSize)).ToArray());
        var angles = Numbers.Range(start, start + length, _words.device).to_type(ScalarType.Float32).unsqueeze(1) * frequencies.to(_words.device);
        angles = cat([angles, angles], -1);
        return (angles.cos().to_type(_compute), angles.sin().to_type(_compute));
    }

    private Tensor CausalBias(long length, long before)
    {
        var hidden = cat([zeros(length, before, device: _words.device), full(length, length, Hidden.Kept(), device: _words.device).triu_(1)], 1);
        return hidden.repeat(_shape.Heads / _shape.KeyValueHeads, 1).to_type(_compute);                          // [G·S, P+S]
    }
}
