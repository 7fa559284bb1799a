using SkTuning.Models;
using SkTuning.Native;
using SkTuning.Onnx.Format;
using SkTuning.Onnx.Graphs;
using static TorchSharp.torch;

namespace SkTuning.Onnx.Layers;

/// <summary>DeBERTa's scores between contents and distances, as in <see cref="DisentangledScores"/>.</summary>
internal sealed class DistanceScores
{
    private readonly ModelGraph _model;
    private readonly DisentangledTrait _trait;
    private readonly long _span, _reach, _heads, _size;
    private readonly Value _rows, _own;

    public DistanceScores(ModelGraph model, DistanceEmbeddings distances)
    {
        (_model, _trait) = (model, model.Config.Attention.Disentangled!);
        (_span, _heads, _size) = (2L * _trait.Span, model.Config.Attention.Heads, model.Config.Attention.HeadSize);
        // Farther than this, all distances have the same row.
        _reach = Math.Max(_trait.Span, _trait.LogarithmicUpTo ?? 0) + 1;
        var (graph, sequence) = (model.Graph, model.Sequence);
        using var scope = graph.Within("distances");
        // The row of each distance is computed by the library itself: a rounding difference could select another one.
        var table = model.Weights.Whole("distances.rows", () =>
        {
            var (queries, zero) = (Numbers.Range(-_reach, _reach + 1, CPU).unsqueeze(0), zeros(1, 1, dtype: ScalarType.Int64));
            return distances.RowsOf(queries, zero).view(-1);
        }, 2 * _reach + 1);
        _rows = table.Gather(Bias.Distances(graph, sequence.Positions, sequence.KeyPositions, _reach)).Unsqueeze(1);    // [R,1,S,P+S]
        _own = sequence.PrefixLength is { } length ? _rows.After(3, length) : _rows;
        Embeddings = distances.All;
    }

    private Func<Tensor> Embeddings { get; }

    /// <summary>Returns the scores of a layer without the scale, [R,H,S,K].</summary>
    public Value Scores(int layer, Value q, Value k, bool withPrefix)
    {
        var (prefix, names) = (_model.Prefix(layer), _model.Names);
        var rows = (withPrefix ? _rows : _own).Expand(_model.Graph.Concat(0, q.Size(0), _model.Graph.Integers(_heads), q.Size(2), k.Size(2)));
        Value? sum = null;
        if (_trait.ContentToPosition) sum = Gathered(q.Product(Projected("keys", LinearPart.Key, names.Key!, names.DistanceKey)), rows);
        if (!_trait.PositionToContent) return sum!.Value;
        var met = Gathered(k.Product(Projected("queries", LinearPart.Query, names.Query!, names.DistanceQuery)), rows.Transpose(0, 1, 3, 2))
            .Transpose(0, 1, 3, 2);
        return sum is { } first ? first + met : met;

        // The distances go through a projection of the layer: constants, [1,H,Dh,rows].
        Value Projected(string what, LinearPart part, string shared, string? own)
        {
            var width = _heads * _size;
            var linear = _trait.SharedProjections
                ? _model.Changed(layer, part, _model.Weights.Linear(prefix + shared, _model.Config.Hidden, width, bias: true))
                : _model.Weights.Linear(prefix + own, _model.Config.Hidden, width, bias: true);
            if (_model.Weights.IsApart(linear)) throw Weights.NotApart("the projections of distances");
            return _model.Weights.Exact(_model.Key(layer, "distances." + what), () => nn.functional
                .linear(Embeddings(), linear.Weight().Exact(), linear.Bias!().Exact()).view(_span, _heads, _size).permute(1, 2, 0).unsqueeze(0),
                1, _heads, _size, _span);
        }

        Value Gathered(Value met, Value indices) => _model.Graph.Operation("GatherElements", [met, indices], new NodeAttribute("axis", Integer: 3));
    }
}
