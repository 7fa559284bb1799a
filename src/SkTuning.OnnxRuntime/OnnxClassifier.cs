using SkTuning.Exports;
using SkTuning.OnnxRuntime;

namespace SkTuning;

/// <summary>Predicts one label for each text or pair of texts with an exported <c>TextClassifier</c>, in ONNX Runtime and without libtorch.</summary>
/// <example><code>
/// using var classifier = OnnxClassifier.Load("exported");
/// Console.WriteLine(classifier.Predict("where is my parcel?").Label);
/// </code></example>
public sealed class OnnxClassifier : OnnxTextAdapter<TextClassifierPrediction>, ITextClassifier
{
    internal OnnxClassifier(LoadedExport export, ClassificationDecision? decision = null)
        : this(decision ?? export.Task.Decision(export.TensorsPath), export) { }

    private OnnxClassifier(ClassificationDecision decision, LoadedExport export) : base(export, export.Task.SingleLabel(decision)) => Decision = decision;

    /// <inheritdoc/>
    public ClassificationDecision Decision { get; }

    /// <summary>Loads an exported classifier.</summary>
    /// <param name="folder">The folder that the adapter was exported to.</param>
    /// <param name="options">The options; <see langword="null"/> for the defaults.</param>
    /// <exception cref="SkTuningException">A file is missing, was changed, or is of another task; the message says which.</exception>
    public static new OnnxClassifier Load(string folder, OnnxAdapterOptions? options = null)
        => Load<OnnxClassifier>(folder, options, TaskNames.SingleLabel);

    /// <summary>Returns a classifier with another decision. It shares the model with this one, dispose both.</summary>
    /// <param name="decision">The decision, made from <see cref="Decision"/>.</param>
    /// <exception cref="SkTuningException">A value of the decision is out of its range.</exception>
    public OnnxClassifier WithDecision(ClassificationDecision decision)
    {
        ArgumentNullException.ThrowIfNull(decision);
        decision.Validate();
        return new(Export.Retain(), decision);
    }
}
