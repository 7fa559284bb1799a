using SkTuning.Adapters;
using SkTuning.Tasks;

namespace SkTuning;

/// <summary>
/// A text classifier: a frozen model, which it does not own, with an adapter and a head. Train one from rows or load one from a folder. Several may share a model, and
/// several threads may predict with one. Rows may be single texts or pairs.
/// </summary>
public sealed partial class TextClassifier : TunedAdapter
{
    internal TextClassifier(AdapterRuntime runtime) : base(runtime) { }

    /// <summary>The labels, in the order of their scores.</summary>
    public LabelSet Labels => Runtime.Labels;

    /// <summary>Loads an adapter onto the base that it was trained on.</summary>
    /// <param name="folder">The adapter's folder.</param>
    /// <param name="model">The base.</param>
    /// <exception cref="SkTuningException">The base is another one, the prompt was edited, or a file is damaged; the message says which.</exception>
    public static TextClassifier Load(string folder, FrozenModel model) => new(AdapterRuntime.Load(folder, model, SingleLabelObjective.Name));
}
