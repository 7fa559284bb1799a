using SkTuning.Exports;
using SkTuning.OnnxRuntime;

namespace SkTuning;

/// <summary>Predicts a number for each text or pair of texts with an exported <c>TextRegressor</c>, in ONNX Runtime and without libtorch.</summary>
public sealed class OnnxRegressor : OnnxTextAdapter<TextRegressorPrediction>
{
    internal OnnxRegressor(LoadedExport export) : base(export, export.Task.Regression()) { }

    /// <summary>Loads an exported adapter of this task.</summary>
    /// <param name="folder">The folder that the adapter was exported to.</param>
    /// <param name="options">The options; <see langword="null"/> for the defaults.</param>
    /// <exception cref="SkTuningException">A file is missing, was changed, or is of another task; the message says which.</exception>
    public static new OnnxRegressor Load(string folder, OnnxAdapterOptions? options = null) => Load<OnnxRegressor>(folder, options, TaskNames.Regression);
}
