using SkTuning.Exports;
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
        var precision = options.Precision switch { OnnxPrecision.Float16 => "fp16", OnnxPrecision.Int8 => "int8", _ => "fp32" };
        var exported = AdapterExport.Of(adapter, precision);
        var graph = AdapterGraph.Of(adapter.Adapter.Tuned, options.Precision, exported.Pairs && exported.WithTypes, exported.ReadsPositions,
            exported.ReadsFeatures).Graph;
        AdapterExport.Write(exported, adapter.Adapter.Model, folder, file => OnnxFile.Write(graph, file, exported.Metadata));
    }
}
