using SkTuning.Heads.Semantic;
using SkTuning.Onnx.Format;
using SkTuning.Onnx.Graphs;

namespace SkTuning.Onnx.Heads;

/// <summary>States of texts, as in <see cref="PoolingExtensions"/>, and features of them.</summary>
internal static class Pooled
{
    /// <summary>Returns the states that the head sees, [M,D].</summary>
    public static Value Of(HeadInputs inputs, Pooling pooling, Value states, Value? query = null)
    {
        if (inputs.AnswersAtPositions) return AtPositions(inputs, states);
        var (graph, mask) = (inputs.Graph, inputs.Model.Sequence.TextMask);
        switch (pooling)
        {
            case Pooling.First or Pooling.Last:
                // The first or last real token, whatever the side of the padding.
                var indices = graph.Range(graph.Whole(0), mask.Size(1).Squeeze(0));
                var rank = pooling == Pooling.Last ? indices + graph.Whole(1) : mask.Size(1) - indices;
                var at = (mask * rank).To("ArgMax", new NodeAttribute("axis", Integer: 1), new NodeAttribute("keepdims", Integer: 1));      // [M,1]
                return graph.Operation("GatherND", [states, at], new NodeAttribute("batch_dims", Integer: 1));
            case Pooling.Attention:
                var fits = states.Product(query!.Value.Unsqueeze(1)).Squeeze(2) / Math.Sqrt(inputs.Model.Config.StateSize);                 // [M,T]
                var shares = graph.Where(mask.Cast(ElementType.Bool), fits, graph.Number(-1e30)).Softmax();
                return (states * shares.Unsqueeze(2)).Sum(1);
            default:
                var weights = mask.Cast(ElementType.Float).Unsqueeze(2);
                return (states * weights).Sum(1) / weights.Sum(1).AtLeast(graph.Number(1));
        }
    }

    /// <summary>Returns the states of the tokens that have an answer, [M,D].</summary>
    public static Value AtPositions(HeadInputs inputs, Value states)
    {
        var flat = states.Reshape(-1, inputs.Model.Config.StateSize);
        return flat.Gather(inputs.Graph.Input(OnnxPorts.AnswerIndices, ElementType.Int64, "answers"));
    }

    /// <summary>Returns mapped features, as in <see cref="FeatureMap"/>.</summary>
    public static Value Mapped(HeadInputs inputs, FeatureMap map, Value states)
    {
        var weights = inputs.Model.Weights;
        if (map.Center is { } center)
            states = (states - weights.Adapter("head.center", () => center, center.shape))
                / (weights.Adapter("head.deviation", () => map.Deviation!, center.shape) + FeatureMap.Epsilon);
        var squares = (states * states).Sum(-1, keep: true).AtLeast(inputs.Graph.Number(FeatureMap.MinLength * FeatureMap.MinLength));
        return states / squares.To("Sqrt");
    }
}
