using SkTuning.Tasks;

namespace SkTuning.Peft;

/// <summary>
/// Exchange with PEFT, both ways. Read: PREFIX_TUNING, PROMPT_TUNING, P_TUNING, LORA and IA3 folders with a classifier's head. Written: whatever makes a prefix in every layer as
/// PREFIX_TUNING, soft prompts as PROMPT_TUNING, LoRA and IA3 as what they are. docs/peft.md tells both sides.
/// </summary>
public static class PeftInterop
{
    /// <summary>Reads an adapter that PEFT saved (or <see cref="Export"/> wrote) for sequence classification, task_type SEQ_CLS.</summary>
    /// <param name="folder">The folder with adapter_config.json and adapter_model.safetensors (or .bin).</param>
    /// <param name="model">The base, which must outlive the classifier. PEFT stores its name only; what can be checked is that every tensor fits.</param>
    /// <param name="labels">The labels in the order of the head's rows, which PEFT does not store; null for a folder that <see cref="Export"/> wrote, which has them.</param>
    /// <param name="options">What else PEFT does not store.</param>
    /// <exception cref="SkTuningException">There is no head, labels are missing or of another number, a setting is not implemented, or a tensor does not fit; the message names it.</exception>
    public static TextClassifier Import(string folder, FrozenModel model, IReadOnlyList<string>? labels = null, PeftImportOptions? options = null)
        => new(PeftImport.Read(folder, model, SingleLabelObjective.Name, labels, options ?? new()));

    /// <summary>The same for an adapter that tells any number of labels (problem_type multi_label_classification); each is told from a probability of one half on.</summary>
    /// <inheritdoc cref="Import"/>
    public static MultiLabelClassifier ImportMultiLabel(string folder, FrozenModel model, IReadOnlyList<string>? labels = null, PeftImportOptions? options = null)
        => new(PeftImport.Read(folder, model, MultiLabelObjective.Name, labels, options ?? new()));

    /// <summary>The same for an adapter that tells one number (num_labels 1).</summary>
    /// <inheritdoc cref="Import"/>
    public static TextRegressor ImportRegressor(string folder, FrozenModel model, PeftImportOptions? options = null)
        => new(PeftImport.Read(folder, model, RegressionObjective.Name, null, options ?? new()));

    /// <summary>The same for token classification, task_type TOKEN_CLS. A word answers at its first token.</summary>
    /// <param name="folder">The folder with adapter_config.json and adapter_model.safetensors (or .bin).</param>
    /// <param name="model">The base, which must outlive the classifier.</param>
    /// <param name="tags">The tags in the order of the head's rows; null for a folder that <see cref="Export"/> wrote.</param>
    /// <param name="options">What else PEFT does not store.</param>
    /// <inheritdoc cref="Import"/>
    public static TokenClassifier ImportTokenClassifier(string folder, FrozenModel model, IReadOnlyList<string>? tags = null, PeftImportOptions? options = null)
        => new(PeftImport.Read(folder, model, TokenObjective.Name, tags, options ?? new()));

    /// <summary>
    /// Writes an adapter as a folder that PEFT loads, with a README.md that shows how. Its own definition and trained tensors travel in the same file, where PEFT ignores them:
    /// <see cref="Import"/> gives back the very adapter. An export that is there is replaced in one step.
    /// </summary>
    /// <param name="adapter">The adapter. Its head must be one that transformers' classifiers have: <c>hf</c>, or a token classifier's.</param>
    /// <param name="folder">A new folder, an empty one, or an export to replace.</param>
    /// <param name="baseName">What PEFT shall call the base: its name on the hub, or a path. Default: the name it was imported or fetched by, else the path it was loaded from.</param>
    /// <exception cref="SkTuningException">PEFT cannot express the head or the method; the message says which, and what to do.</exception>
    public static void Export(TunedAdapter adapter, string folder, string? baseName = null) => PeftExport.Write(adapter.Runtime, folder, baseName);
}
