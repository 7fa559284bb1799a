using SkTuning.Models;
using SkTuning.Native;
using SkTuning.Onnx.Format;
using SkTuning.Onnx.Graphs;
using static TorchSharp.torch;

namespace SkTuning.Onnx.Layers;

/// <summary>
/// What is added to the scores between queries and keys, as in <see cref="AttentionBias"/>: hidden keys get a large negative number; ALiBi and buckets of
/// distances add to it.
/// </summary>
internal sealed class Bias(Sequence sequence, ModelConfig config, Weights weights, Tensor? buckets)
{
    private const double Hidden = -1e30;

    private readonly GraphBuilder _graph = sequence.Graph;
    private readonly Dictionary<(int Window, bool Prefix), Value> _made = [];

    /// <summary>Returns the bias of a layer, [R, H or 1, S or 1, keys].</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="withPrefix">The keys of the layer begin with a prefix.</param>
    public Value For(int layer, bool withPrefix)
    {
        var key = (config.Windows?[layer] ?? 0, withPrefix);
        if (!_made.TryGetValue(key, out var made)) _made[key] = made = Make(key.Item1, withPrefix);
        return made;
    }

    private Value Make(int window, bool withPrefix)
    {
        using var scope = _graph.Within($"bias.{_made.Count}");
        var (keys, real) = withPrefix ? (sequence.KeyPositions, sequence.KeyMask) : (sequence.Positions, sequence.Mask);
        var seen = real.Cast(ElementType.Bool).Unsqueeze(1, 2);                                                 // [R,1,1,K]
        if (config.Causal) seen = And(seen, Earlier(withPrefix));
        if (window > 0)
        {
            var distance = sequence.Positions.Unsqueeze(2) - keys.Unsqueeze(1);                                 // [R,S,K]
            if (!config.Causal) distance = distance.To("Abs");
            seen = And(seen, _graph.Operation("Less", [distance, _graph.Whole(window)]).Unsqueeze(1));
        }
        var bias = _graph.Where(seen, _graph.Number(0), _graph.Number(Hidden));
        if (config.Positions is AlibiPositions alibi) bias += Alibi(alibi, keys);
        if (buckets is not null) bias += Buckets(config.Attention.RelativeBuckets!, keys);
        return bias;

        Value And(Value a, Value b) => _graph.Operation("And", [a, b]);
    }

    /// <summary>By index in the sequence: a query sees the prefix and everything before it, [S,K].</summary>
    private Value Earlier(bool withPrefix)
    {
        var length = sequence.Length.Squeeze(0);
        var indices = _graph.Range(_graph.Whole(0), length);
        var keys = withPrefix && sequence.PrefixLength is { } prefix ? _graph.Range((-prefix).Squeeze(0), length) : indices;
        return _graph.Operation("GreaterOrEqual", [indices.Unsqueeze(1), keys.Unsqueeze(0)]);
    }

    private Value Alibi(AlibiPositions trait, Value keys)
    {
        var heads = config.Attention.Heads;
        var slopes = AttentionBias.Slopes(heads, trait.Largest);
        if (!trait.InBfloat16)
        {
            var from = (keys - keys.Max(1, keep: true)).Cast(ElementType.Float).Unsqueeze(1, 2);                // [R,1,1,K]
            return _graph.Constant("alibi.slopes", ElementType.Float, [1, heads, 1, 1], GraphBuilder.Bytes<float>(slopes)) * from;
        }
        // Products in bf16, one for each position.
        var scale = config.Attention.Scale ?? 1 / MathF.Sqrt(config.Attention.HeadSize);
        var table = weights.Exact("alibi.table", () =>
        {
            var positions = Numbers.Range(0, config.Context, CPU).unsqueeze(1).to_type(ScalarType.BFloat16);
            return (tensor(slopes).unsqueeze(0).to_type(ScalarType.BFloat16) * positions).to_type(ScalarType.Float32) * scale.Kept();
        }, config.Context, heads);
        return table.Gather(keys).Transpose(0, 2, 1).Unsqueeze(2);                                              // [R,H,1,K]
    }

    /// <summary>The bucket of each distance is computed by the library itself: a rounding difference could select another one.</summary>
    private Value Buckets(RelativeBucketsTrait trait, Value keys)
    {
        var farthest = Math.Max(trait.Farthest, trait.Buckets);
        var heads = config.Attention.Heads;
        var table = weights.Exact("buckets.table", () =>
        {
            var (queries, zero) = (Numbers.Range(-farthest, farthest + 1, CPU).unsqueeze(0), zeros(1, 1, dtype: ScalarType.Int64));
            return RelativeBuckets.Bias(trait, buckets!.cpu(), queries, zero).view(heads, -1).t();
        }, 2L * farthest + 1, heads);
        return table.Gather(Distances(_graph, sequence.Positions, keys, farthest)).Transpose(0, 3, 1, 2);       // [R,H,S,K]
    }

    /// <summary>Returns the distances between queries and keys, limited and from 0: [R,S,K].</summary>
    public static Value Distances(GraphBuilder graph, Value queries, Value keys, long farthest)
        => (queries.Unsqueeze(2) - keys.Unsqueeze(1)).AtLeast(graph.Whole(-farthest)).AtMost(graph.Whole(farthest)) + graph.Whole(farthest);
}
