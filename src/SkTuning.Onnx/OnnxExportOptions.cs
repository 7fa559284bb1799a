namespace SkTuning.Onnx;

/// <summary>Options of <see cref="OnnxExport"/>.</summary>
public sealed record OnnxExportOptions
{
    /// <summary>How weights are stored. The default is <see cref="OnnxPrecision.Float32"/>.</summary>
    public OnnxPrecision Precision { get; init; }
}
