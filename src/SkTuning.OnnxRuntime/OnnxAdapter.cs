using SkTuning.Exports;
using SkTuning.OnnxRuntime;

namespace SkTuning;

/// <summary>
/// An exported adapter in ONNX Runtime, for one task: the predictions of the library without libtorch. All members are thread-safe, and calls of several
/// threads run at the same time.
/// </summary>
public abstract class OnnxAdapter : ITextPredictor, IDisposable
{
    private protected OnnxAdapter(LoadedExport export) => Export = export;

    /// <summary>Loads an exported adapter of any task.</summary>
    /// <param name="folder">The folder that the adapter was exported to.</param>
    /// <param name="options">The options; <see langword="null"/> for the defaults.</param>
    /// <returns>An instance of the class for its task, such as <see cref="OnnxClassifier"/>.</returns>
    /// <exception cref="SkTuningException">A file is missing, was changed, or is not an export; the message says which.</exception>
    public static OnnxAdapter Load(string folder, OnnxAdapterOptions? options = null)
    {
        return Of(LoadedExport.Open(folder, options));
    }

    /// <summary>
    /// Loads another adapter onto the model of this one, which was exported with its adapter as inputs (<c>OnnxExportOptions.AdapterAsInputs</c>). It shares
    /// the model with this one; dispose both.
    /// </summary>
    /// <param name="folder">The folder that <c>OnnxExport.WriteAdapter</c> wrote.</param>
    /// <returns>An instance of the class for its task, such as <see cref="OnnxClassifier"/>.</returns>
    /// <exception cref="SkTuningException">A file is missing or was changed, or the adapter is for another model; the message says which.</exception>
    public OnnxAdapter WithAdapter(string folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        return Of(Export.With(folder));
    }

    private static OnnxAdapter Of(LoadedExport export)
    {
        try
        {
            return export.Adapter.Task switch
            {
                TaskNames.MultiLabel => new OnnxMultiLabelClassifier(export),
                TaskNames.Regression => new OnnxRegressor(export),
                TaskNames.Ordinal => new OnnxOrdinalClassifier(export),
                TaskNames.Tokens => new OnnxTokenClassifier(export),
                _ => new OnnxClassifier(export),
            };
        }
        catch
        {
            export.Dispose();
            throw;
        }
    }

    /// <summary>Gets the name of the task, such as <c>single-label</c>.</summary>
    public string Task => Export.Adapter.Task;

    /// <summary>Gets the task's description.</summary>
    public string Prompt => Export.Adapter.Prompt;

    /// <summary>Gets the name of the tuning method.</summary>
    public string Method => Export.Adapter.Method;

    /// <summary>Gets the base that the adapter was trained on.</summary>
    public BaseFingerprint Base => Export.Adapter.Base;

    /// <summary>Gets how the weights are stored: <c>fp32</c>, <c>fp16</c> or <c>int8</c>.</summary>
    public string Precision => Export.Adapter.Precision;

    /// <inheritdoc/>
    public LabelSet Labels => Export.Task.Labels;

    /// <summary>Gets a value that indicates whether the adapter reads pairs of texts.</summary>
    public bool ReadsPairs => Export.Adapter.Pairs;

    internal LoadedExport Export { get; }

    /// <inheritdoc/>
    public abstract IReadOnlyList<TaskPrediction> PredictTexts(IReadOnlyList<string> texts, CancellationToken cancellationToken = default);

    /// <summary>Predicts rows; of an adapter that tags words, their texts.</summary>
    internal virtual IReadOnlyList<TaskPrediction> PredictRows(IReadOnlyList<Row> rows, CancellationToken cancellationToken)
        => PredictTexts([.. rows.Select(r => r.Text)], cancellationToken);

    /// <summary>
    /// Releases the model. Calls that other threads are making end as usual, and the last of them releases it; later calls throw an
    /// <see cref="ObjectDisposedException"/>.
    /// </summary>
    public void Dispose()
    {
        Export.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Loads an export whose task must be one of a class.</summary>
    private protected static TAdapter Load<TAdapter>(string folder, OnnxAdapterOptions? options, string task) where TAdapter : OnnxAdapter
    {
        var loaded = Load(folder, options);
        if (loaded is TAdapter adapter) return adapter;
        using (loaded)
        {
            throw SkTuningException.BadFile(Path.Combine(folder, ExportFolder.ModelFile), "task", $"\"{loaded.Task}\"", $"\"{task}\"",
                "Load it with the class for its task, or with OnnxAdapter.Load.");
        }
    }
}
