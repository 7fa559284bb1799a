namespace SkTuning.Peft;

/// <summary>
/// Exchanges adapters with PEFT. It reads PREFIX_TUNING, PROMPT_TUNING, P_TUNING, LORA and IA3 folders with a classification head. It
/// writes every method that produces a prefix in all layers as PREFIX_TUNING, every method that produces a soft prompt as
/// PROMPT_TUNING, LoRA as LORA and IA3 as IA3 (docs/peft.md).
/// </summary>
public static class PeftInterop
{
    /// <summary>Reads an adapter that PEFT saved (or <see cref="Export"/> wrote), as an adapter of a class.</summary>
    /// <typeparam name="TAdapter">
    /// The class for the task, such as <see cref="TextClassifier"/>: task_type TOKEN_CLS for <see cref="TokenClassifier"/>, whose words are
    /// tagged at their first token, and SEQ_CLS for the others, with one label, any number of labels, each predicted at a probability of 0.5 or
    /// higher, or one number (num_labels 1).
    /// </typeparam>
    /// <param name="folder">The folder with adapter_config.json and adapter_model.safetensors (or .bin).</param>
    /// <param name="model">The base, which must outlive the adapter. PEFT stores only its name; only the shapes of the tensors can be checked.</param>
    /// <param name="labels">
    /// The labels in the order of the head's rows, which PEFT does not store; <see langword="null"/> for a folder that <see cref="Export"/> wrote, which
    /// contains them, and for a regression.
    /// </param>
    /// <param name="options">Other settings that PEFT does not store.</param>
    /// <exception cref="SkTuningException">
    /// There is no head, labels are missing or their number is wrong, a setting is not implemented, or a tensor has the wrong shape; the message says which.
    /// </exception>
    public static TAdapter Import<TAdapter>(string folder, FrozenModel model, IReadOnlyList<string>? labels = null,
        PeftImportOptions? options = null) where TAdapter : TunedAdapter
        => (TAdapter)Import(TaskKinds.Of<TAdapter>(), folder, model, labels, options);

    /// <summary>Reads an adapter that PEFT saved (or <see cref="Export"/> wrote), for any task.</summary>
    /// <inheritdoc cref="Import{TAdapter}"/>
    /// <param name="task">The task.</param>
    /// <param name="folder">The folder with adapter_config.json and adapter_model.safetensors (or .bin).</param>
    /// <param name="model">The base, which must outlive the adapter. PEFT stores only its name; only the shapes of the tensors can be checked.</param>
    /// <param name="labels">
    /// The labels in the order of the head's rows; <see langword="null"/> for a folder that <see cref="Export"/> wrote, and for a regression.
    /// </param>
    /// <param name="options">Other settings that PEFT does not store.</param>
    public static TunedAdapter Import(TaskKind task, string folder, FrozenModel model, IReadOnlyList<string>? labels = null, PeftImportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(model);
        using var call = model.Calls.Begin();
        return ((IAdapterFactory)task).Open(PeftImport.Read(folder, model, task, labels, options ?? new()));
    }

    /// <summary>
    /// Writes an adapter as a folder that PEFT can load, with a README.md that shows how. The adapter's own definition and trained tensors are in the same
    /// file, where PEFT ignores them: <see cref="Import"/> returns exactly the same adapter. An existing export is replaced in one step.
    /// </summary>
    /// <param name="adapter">The adapter. Its head must be one that transformers' classifiers have: <c>hf</c>, or a token classifier's.</param>
    /// <param name="folder">A new folder, an empty one, or an export to replace.</param>
    /// <param name="baseName">
    /// The name of the base for PEFT: its name on the hub, or a path. The default is <see langword="null"/>: the name under which it was imported or
    /// downloaded, or the path that it was loaded from.
    /// </param>
    /// <exception cref="SkTuningException">PEFT cannot represent the head or the method; the message says which, and what to do.</exception>
    public static void Export(TunedAdapter adapter, string folder, string? baseName = null)
    {
        ArgumentNullException.ThrowIfNull(adapter);
        ArgumentNullException.ThrowIfNull(folder);
        using var call = adapter.BeginCall();
        PeftExport.Write(adapter.Adapter, adapter.Definition, folder, baseName);
    }
}
