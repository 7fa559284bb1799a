using SkTuning.Models;

namespace SkTuning.Peft;

/// <summary>
/// Exchange with PEFT, both ways. Read: PREFIX_TUNING, PROMPT_TUNING, P_TUNING, LORA and IA3 folders with a classifier's head. Written: whatever makes a prefix in every layer as
/// PREFIX_TUNING, soft prompts as PROMPT_TUNING, LoRA and IA3 as what they are. docs/peft.md tells both sides.
/// </summary>
public static class PeftInterop
{
    /// <summary>Reads an adapter that PEFT saved (or <see cref="Export"/> wrote), as an adapter of a class.</summary>
    /// <typeparam name="TAdapter">
    /// The class for the task, such as <see cref="TextClassifier"/>: task_type TOKEN_CLS for <see cref="TokenClassifier"/>, whose words are tagged at their first token, and SEQ_CLS for the others, with one label,
    /// any number of labels that are predicted from a probability of 0.5, or one number (num_labels 1).
    /// </typeparam>
    /// <param name="folder">The folder with adapter_config.json and adapter_model.safetensors (or .bin).</param>
    /// <param name="model">The base, which must outlive the adapter. PEFT stores only its name; what can be checked is that every tensor fits.</param>
    /// <param name="labels">
    /// The labels in the order of the head's rows, which PEFT does not store; <see langword="null"/> for a folder that <see cref="Export"/> wrote, which has them, and for a number.
    /// </param>
    /// <param name="options">What else PEFT does not store.</param>
    /// <exception cref="SkTuningException">There is no head, labels are missing or their number is wrong, a setting is not implemented, or a tensor does not fit; the message names it.</exception>
    public static TAdapter Import<TAdapter>(string folder, FrozenModel model, IReadOnlyList<string>? labels = null, PeftImportOptions? options = null) where TAdapter : TunedAdapter
        => (TAdapter)Import(TaskKinds.Of<TAdapter>(), folder, model, labels, options);

    /// <summary>Reads an adapter that PEFT saved (or <see cref="Export"/> wrote), for any task.</summary>
    /// <inheritdoc cref="Import{TAdapter}"/>
    /// <param name="task">The task.</param>
    /// <param name="folder">The folder with adapter_config.json and adapter_model.safetensors (or .bin).</param>
    /// <param name="model">The base, which must outlive the adapter. PEFT stores only its name; what can be checked is that every tensor fits.</param>
    /// <param name="labels">The labels in the order of the head's rows; <see langword="null"/> for a folder that <see cref="Export"/> wrote, and for a number.</param>
    /// <param name="options">What else PEFT does not store.</param>
    public static TunedAdapter Import(TaskKind task, string folder, FrozenModel model, IReadOnlyList<string>? labels = null, PeftImportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(model);
        return ((IAdapterFactory)task).Open(PeftImport.Read(folder, model, task, labels, options ?? new()));
    }

    /// <summary>
    /// Writes an adapter as a folder that PEFT loads, with a README.md that shows how. Its own definition and trained tensors travel in the same file, where PEFT ignores them:
    /// <see cref="Import"/> gives back the very adapter. An export that is there is replaced in one step.
    /// </summary>
    /// <param name="adapter">The adapter. Its head must be one that transformers' classifiers have: <c>hf</c>, or a token classifier's.</param>
    /// <param name="folder">A new folder, an empty one, or an export to replace.</param>
    /// <param name="baseName">What PEFT shall call the base: its name on the hub, or a path. Default: the name it was imported or fetched by, else the path it was loaded from.</param>
    /// <exception cref="SkTuningException">PEFT cannot express the head or the method; the message says which, and what to do.</exception>
    public static void Export(TunedAdapter adapter, string folder, string? baseName = null) => PeftExport.Write(adapter.Adapter, adapter.Definition, folder, baseName);
}
