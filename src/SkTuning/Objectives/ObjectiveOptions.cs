using System.Text.Json.Serialization;
using SkTuning.Objectives;

namespace SkTuning;

/// <summary>
/// The options of an objective, which is what the steps of training minimize. Each kind has its own options. Every objective except
/// <see cref="CrossEntropyObjectiveOptions"/> compares the directions of texts, and needs a task with one label per text.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = ObjectiveJson.Discriminator)]
[JsonDerivedType(typeof(CrossEntropyObjectiveOptions), "cross-entropy")]
[JsonDerivedType(typeof(ContrastiveObjectiveOptions), "contrastive")]
[JsonDerivedType(typeof(CosinePairsObjectiveOptions), "cosine-pairs")]
[JsonDerivedType(typeof(LabelAnchorsObjectiveOptions), "label-anchors")]
[JsonDerivedType(typeof(PairCircleObjectiveOptions), "pair-circle")]
public abstract record ObjectiveOptions
{
    private const double MaxWeight = 1000;

    private protected ObjectiveOptions() { }

    /// <summary>Gets the names of all objectives.</summary>
    public static IReadOnlyList<string> Names => RegisteredKinds<ObjectiveOptions>.Names;

    /// <summary>Gets the name of the objective, as in run folders and on the command line.</summary>
    [JsonIgnore]
    public string Name => RegisteredKinds<ObjectiveOptions>.NameOf(this);

    /// <summary>
    /// The weight of the objective beside the cross-entropy, above 0, at most 1000. The default is <see langword="null"/>: the objective takes the place of the
    /// cross-entropy, and the head is fitted to the tuned states.
    /// </summary>
    public double? Weight { get; init; }

    /// <summary>Creates the options of an objective with their defaults.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <exception cref="SkTuningException">There is no such objective.</exception>
    public static ObjectiveOptions Create(string name)
        => RegisteredKinds<ObjectiveOptions>.Create(name)
            ?? throw new SkTuningException($"There is no objective '{name}', expected {string.Join(", ", Names)}.{NameSuggestion.For(name, Names)}");

    /// <summary>True if texts are compared with those of the labels.</summary>
    internal virtual bool ReadsLabelTexts => false;

    /// <summary>The weight of the loss of words that are masked; 0 if there is none.</summary>
    internal virtual double MaskedWords => 0;

    /// <summary>Refuses values that cannot be used, by name.</summary>
    internal virtual void Validate() => Check(nameof(Weight), Weight, Weight is null or (> 0 and <= MaxWeight), "above 0, at most 1000");

    /// <summary>Returns the reason why the objective cannot be used for a task; null if it can.</summary>
    internal virtual string? Refusal(TaskKind task)
        => task.ChoosesOneLabel ? null
            : $"The objective {Name} compares texts by their one label, which the task {task.Name} does not have: use the objective cross-entropy.";

    /// <summary>Creates the comparison of directions; null if there is none.</summary>
    internal abstract Comparison? Create();

    private protected void Check<T>(string name, T value, bool isValid, string expected) => OptionCheck.That(GetType().Name, name, value, isValid, expected);
}
