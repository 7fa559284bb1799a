using SkTuning.Adapters;
using SkTuning.Onnx.Format;
using SkTuning.Onnx.Heads;
using SkTuning.Onnx.Layers;
using static TorchSharp.torch;

namespace SkTuning.Onnx;

/// <summary>Makes the graph of a frozen model with an adapter and its head.</summary>
internal static class AdapterGraph
{
    /// <param name="tuned">The model with its adapter, which must outlive the graph.</param>
    /// <param name="precision">The precision of the weights.</param>
    /// <param name="readsTypes">The graph has an input for token types.</param>
    /// <param name="answersAtPositions">The graph has an input for the tokens that have an answer.</param>
    /// <param name="withFeatures">The graph has an output for features.</param>
    /// <param name="adapterAsInputs">The adapter's tensors are inputs of the graph.</param>
    /// <returns>The graph, and the adapter's tensors if they are inputs.</returns>
    public static (Graph Graph, IReadOnlyList<StoredTensor> Inputs) Of(
        TunedModel tuned, OnnxPrecision precision, bool readsTypes, bool answersAtPositions, bool withFeatures, bool adapterAsInputs = false)
    {
        if (tuned.Method.Pooling is not null)
            throw new SkTuningException("The authors' presets cannot be exported to ONNX: their scores depend on the padding of a batch. "
                + "Train sk-prefix or sk-prompt.");
        if (tuned.Method.ReadsText)
            throw new SkTuningException("The method ipt cannot be exported to ONNX: its keys and values depend on the text, and a graph has only those that "
                + "are the same for every text. Train prefix.");
        var (head, writer) = (tuned.Head, HeadGraph.Of(tuned.Head));
        var model = new ModelGraph(tuned.Transformer, tuned.Bake(), precision, readsTypes, writer.Copies(head), adapterAsInputs);
        var inputs = new HeadInputs(model, tuned.Transformer, tuned.Parameters, answersAtPositions);
        using var scope = model.Graph.Within("head");
        var features = writer.Features(head, inputs);
        var answers = answersAtPositions ? "answers" : "batch";
        model.Graph.Output(OnnxPorts.Scores, writer.Scores(head, features, inputs), answers, "labels");
        if (!withFeatures) return (model.Graph.Build(), model.Weights.AdapterInputs);
        using var like = zeros(1);
        var map = head.DistanceMap(tuned.Parameters, like) ?? throw new SkTuningException("The head of this adapter has no features that can be compared.");
        model.Graph.Output(OnnxPorts.Features, Pooled.Mapped(inputs, map, features), answers, "features");
        return (model.Graph.Build(), model.Weights.AdapterInputs);
    }
}
