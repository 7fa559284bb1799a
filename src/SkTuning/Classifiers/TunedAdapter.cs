using SkTuning.Adapters;
using SkTuning.Tasks;
using SkTuning.Training;

namespace SkTuning;

/// <summary>
/// A frozen model, which it does not own, with an adapter and a head for one task. Several may share a model, and several threads may predict with one.
/// </summary>
public abstract class TunedAdapter : IDisposable
{
    private protected TunedAdapter(AdapterRuntime runtime) => Runtime = runtime;

    /// <summary>The task's description.</summary>
    public string Prompt => Runtime.Definition.Prompt;

    /// <summary>The tuning method's name.</summary>
    public string Method => Runtime.Definition.Tuning.Name;

    /// <summary>Trained values, head included.</summary>
    public long ParameterCount => Runtime.Tuned.Parameters.Count;

    /// <summary>True when it reads pairs of texts.</summary>
    public bool ReadsPairs => Runtime.Definition.Pairs == true;

    /// <summary>How training went; null for an adapter that was loaded.</summary>
    public TrainingReport? Report => Runtime.Report;

    internal AdapterRuntime Runtime { get; }

    /// <summary>Writes the adapter; the model is not part of it. An adapter that is there is replaced in one step.</summary>
    /// <param name="folder">A new folder, an empty one, or an adapter to replace.</param>
    public void Save(string folder) => Runtime.Save(folder);

    /// <summary>Lets go of the adapter; the model stays.</summary>
    public void Dispose()
    {
        Runtime.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>The task of the adapter in a folder: <c>single-label</c>, <c>multi-label</c>, <c>regression</c> or <c>tokens</c>; it says which class loads it.</summary>
    /// <param name="folder">The adapter's folder.</param>
    /// <exception cref="SkTuningException">There is no adapter, or it is damaged.</exception>
    public static string TaskOf(string folder) => AdapterFolder.ReadDefinition(folder).Task ?? Tasks.SingleLabelObjective.Name;
}
