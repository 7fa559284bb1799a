using SkTuning.Exports;
using SkTuning.OnnxRuntime;

namespace SkTuning;

/// <summary>Predicts a tag for each word with an exported <c>TokenClassifier</c>, in ONNX Runtime and without libtorch.</summary>
public sealed class OnnxTokenClassifier : OnnxAdapter<TokenRow, TokenClassifierPrediction>
{
    internal OnnxTokenClassifier(LoadedExport export) : base(export, export.Task.Tokens()) { }

    /// <summary>Loads an exported adapter of this task.</summary>
    /// <param name="folder">The folder that the adapter was exported to.</param>
    /// <param name="options">The options; <see langword="null"/> for the defaults.</param>
    /// <exception cref="SkTuningException">A file is missing, was changed, or is of another task; the message says which.</exception>
    public static new OnnxTokenClassifier Load(string folder, OnnxAdapterOptions? options = null)
        => Load<OnnxTokenClassifier>(folder, options, TaskNames.Tokens);

    /// <summary>Predicts the tags of words.</summary>
    /// <param name="words">The words, one or more.</param>
    /// <exception cref="SkTuningException">There are no words.</exception>
    public TokenClassifierPrediction PredictWords(IReadOnlyList<string> words)
    {
        ArgumentNullException.ThrowIfNull(words);
        return Single(Predict([new TokenRow(words, [])]));
    }
}
