using SkTuning.Onnx.Format;

namespace SkTuning.Onnx;

/// <summary>Writes adapters for ONNX Runtime.</summary>
public static class OnnxExport
{
    /// <summary>
    /// Writes an adapter, its frozen model and its head as one ONNX graph, with the tokenizer beside it. ONNX Runtime then predicts without libtorch.
    /// </summary>
    /// <param name="adapter">The adapter. Neither it nor its model is changed.</param>
    /// <param name="folder">The folder to create, or an exported folder to replace.</param>
    /// <param name="options">How weights are stored; null for the defaults.</param>
    /// <exception cref="SkTuningException">The adapter cannot be exported, or the folder cannot be written; the message says why.</exception>
    public static void Write(TunedAdapter adapter, string folder, OnnxExportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(adapter);
        ArgumentNullException.ThrowIfNull(folder);
        options ??= new();
        using var call = adapter.BeginCall();
        var definition = adapter.Definition;
        Directory.CreateDirectory(folder);
        var readsTypes = definition.Pairs && adapter.Adapter.Model.Config.Embedding.TokenTypes > 1;
        var atPositions = definition.Task.Kind.AnswersPerWord || definition.Head.ReadsMask(adapter.Adapter.Model.Config);
        var graph = AdapterGraph.Of(adapter.Adapter.Tuned, options.Precision, readsTypes, atPositions, withFeatures: false);
        OnnxFile.Write(graph, Path.Combine(folder, "model.onnx"), []);
    }
}
