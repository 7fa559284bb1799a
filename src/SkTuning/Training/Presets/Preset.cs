using SkTuning.Training.Presets;

namespace SkTuning;

/// <summary>
/// A complete recipe under one name: the tuning method, the head, the objective and the options of the training loop that a paper uses together. What it sets
/// can be changed after it was applied.
/// </summary>
public abstract class Preset
{
    private protected Preset() { }

    /// <summary>Gets all presets.</summary>
    public static IReadOnlyList<Preset> All { get; } = [new TFewPreset(), new CpTuningPreset()];

    /// <summary>Gets the names of all presets.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(p => p.Name)];

    /// <summary>Gets the name, as on the command line and in plans.</summary>
    public abstract string Name { get; }

    /// <summary>Gets one sentence about the recipe.</summary>
    public abstract string Summary { get; }

    /// <summary>Gets the paper that the recipe is from.</summary>
    public abstract string Source { get; }

    /// <summary>Gets the tuning method.</summary>
    public abstract TuningOptions Method { get; }

    /// <summary>Gets the highest learning rate.</summary>
    public abstract double LearningRate { get; }

    /// <summary>Returns a preset.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <exception cref="SkTuningException">There is no such preset.</exception>
    public static Preset Get(string name)
        => All.FirstOrDefault(p => p.Name == name)
            ?? throw new SkTuningException($"There is no preset '{name}', expected {string.Join(" or ", Names)}.{NameSuggestion.For(name, Names)}");

    /// <summary>
    /// Returns options with the method, head, objective and training of the preset. The prompt, the texts and words of labels, the rows, the seed and the run
    /// folder are kept, and so is the row template, except that an encoder's gets a <c>{mask}</c> at its end where the preset answers there.
    /// </summary>
    /// <typeparam name="TOptions">The options of a task.</typeparam>
    /// <param name="options">The options to complete.</param>
    /// <param name="model">The base.</param>
    /// <exception cref="SkTuningException">The base cannot be used with the preset; the message says why.</exception>
    public TOptions ApplyTo<TOptions>(TOptions options, FrozenModel model) where TOptions : AdapterOptions
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(model);
        return (TOptions)Complete(options, model);
    }

    /// <summary>Returns what the preset leaves out on a base that cannot have it, in one sentence; null if it leaves out nothing.</summary>
    public virtual string? LeftOut(FrozenModel model) => null;

    private protected abstract AdapterOptions Complete(AdapterOptions options, FrozenModel model);
}
