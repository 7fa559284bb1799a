using System.Runtime.InteropServices;
using SkTuning.Adapters;
using SkTuning.Exports;
using SkTuning.Onnx.Format;
using SkTuning.Tasks;

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
        var (exported, graph) = Made(adapter, options.Precision, options.AdapterAsInputs);
        AdapterExport.Write(exported, adapter.Adapter.Model, folder, file => OnnxFile.Write(graph, file, exported.Metadata));
    }

    /// <summary>
    /// Writes an adapter without the model, for a model that was exported with <see cref="OnnxExportOptions.AdapterAsInputs"/> from the same frozen model with
    /// an adapter of the same kind. <c>OnnxAdapter.WithAdapter</c> loads it.
    /// </summary>
    /// <param name="adapter">The adapter. Neither it nor its model is changed.</param>
    /// <param name="folder">The folder to create, or an exported adapter to replace.</param>
    /// <exception cref="SkTuningException">The adapter cannot be exported in this way, or the folder cannot be written; the message says why.</exception>
    public static void WriteAdapter(TunedAdapter adapter, string folder)
    {
        ArgumentNullException.ThrowIfNull(adapter);
        ArgumentNullException.ThrowIfNull(folder);
        using var call = adapter.BeginCall();
        AdapterExport.Write(Made(adapter, OnnxPrecision.Float32, asInputs: true).Exported, folder);
    }

    private static (ExportedAdapter Exported, Graph Graph) Made(TunedAdapter adapter, OnnxPrecision precision, bool asInputs)
    {
        // A graph of other units would accept the inputs, and answer wrongly.
        if (asInputs) PrunedRefusal.Check(adapter.Definition, "an adapter beside a shared graph");
        var exported = AdapterExport.Of(adapter, precision switch { OnnxPrecision.Float16 => "fp16", OnnxPrecision.Int8 => "int8", _ => "fp32" });
        var (graph, inputs) = AdapterGraph.Of(adapter.Adapter.Tuned, precision, exported.Pairs && exported.WithTypes, exported.ReadsPositions,
            exported.ReadsFeatures, asInputs);
        return (exported with { Inputs = [.. inputs.Select(Stored)] }, graph);
    }

    private static TaskTensor Stored(StoredTensor input)
    {
        using var bytes = new MemoryStream();
        input.Write(bytes);
        return new(input.Name, input.Shape, MemoryMarshal.Cast<byte, float>(bytes.GetBuffer().AsSpan(0, (int)bytes.Length)).ToArray());
    }
}
