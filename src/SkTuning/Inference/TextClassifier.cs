using SkTuning.Data;
using SkTuning.Models;
using SkTuning.Tasks;
using SkTuning.Training;

namespace SkTuning.Inference;

/// <summary>
/// A text classifier: a frozen model, which it does not own, with an adapter and a head. Train one from rows or load one from a folder. Several may share a model, and
/// several threads may predict with one. Rows may be single texts or pairs.
/// </summary>
public sealed partial class TextClassifier : IDisposable
{
    private readonly AdapterRuntime _runtime;

    private TextClassifier(AdapterRuntime runtime) => _runtime = runtime;

    /// <summary>The labels, in the order of their scores.</summary>
    public LabelSet Labels => _runtime.Labels;

    /// <summary>The task's description.</summary>
    public string Prompt => _runtime.Definition.Prompt;

    /// <summary>The tuning method's name.</summary>
    public string Method => _runtime.Definition.Tuning.Name;

    /// <summary>Trained values, head included.</summary>
    public long ParameterCount => _runtime.Tuned.Parameters.Count;

    /// <summary>True when it reads pairs of texts.</summary>
    public bool ReadsPairs => _runtime.Definition.Pairs == true;

    /// <summary>How training went; null for a classifier that was loaded.</summary>
    public TrainingReport? Report => _runtime.Report;

    internal AdapterRuntime Runtime => _runtime;

    /// <summary>Loads an adapter onto the base that it was trained on.</summary>
    /// <param name="folder">The adapter's folder.</param>
    /// <param name="model">The base.</param>
    /// <exception cref="SkTuningException">The base is another one, the prompt was edited, or a file is damaged; the message says which.</exception>
    public static TextClassifier Load(string folder, FrozenModel model) => new(AdapterRuntime.Load(folder, model, SingleLabelObjective.Name));

    /// <summary>Writes the adapter; the model is not part of it. An adapter that is there is replaced in one step.</summary>
    /// <param name="folder">A new folder, an empty one, or an adapter to replace.</param>
    public void Save(string folder) => _runtime.Save(folder);

    /// <summary>Lets go of the adapter; the model stays.</summary>
    public void Dispose() => _runtime.Dispose();
}
