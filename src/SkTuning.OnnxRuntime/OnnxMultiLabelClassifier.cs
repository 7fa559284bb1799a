using SkTuning.Exports;
using SkTuning.OnnxRuntime;

namespace SkTuning;

/// <summary>
/// Predicts any number of labels for each text or pair of texts with an exported <c>MultiLabelClassifier</c>, in ONNX Runtime and without libtorch.
/// </summary>
public sealed class OnnxMultiLabelClassifier : OnnxTextAdapter<MultiLabelClassifierPrediction>
{
    internal OnnxMultiLabelClassifier(LoadedExport export) : this(export.Task.Thresholds(), export) { }

    private OnnxMultiLabelClassifier(MultiLabelDecision decision, LoadedExport export) : base(export, export.Task.MultiLabel(decision)) => Decision = decision;

    /// <summary>Gets the decision: how probabilities become labels.</summary>
    public MultiLabelDecision Decision { get; }

    /// <summary>Loads an exported adapter of this task.</summary>
    /// <param name="folder">The folder that the adapter was exported to.</param>
    /// <param name="options">The options; <see langword="null"/> for the defaults.</param>
    /// <exception cref="SkTuningException">A file is missing, was changed, or is of another task; the message says which.</exception>
    public static new OnnxMultiLabelClassifier Load(string folder, OnnxAdapterOptions? options = null)
        => Load<OnnxMultiLabelClassifier>(folder, options, TaskNames.MultiLabel);
}
