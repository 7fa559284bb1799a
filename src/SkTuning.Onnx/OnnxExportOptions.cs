namespace SkTuning.Onnx;

/// <summary>Options of <see cref="OnnxExport"/>.</summary>
public sealed record OnnxExportOptions
{
    /// <summary>How weights are stored. The default is <see cref="OnnxPrecision.Float32"/>.</summary>
    public OnnxPrecision Precision { get; init; }

    /// <summary>
    /// Whether the adapter's tensors are inputs of the graph that are stored beside it, so that the model also runs adapters of the same method, rank and head
    /// that <see cref="OnnxExport.WriteAdapter"/> writes. The default is <see langword="false"/>: they are part of the weights, which is a little faster.
    /// </summary>
    public bool AdapterAsInputs { get; init; }
}
