using System.Text.Json.Serialization;
using SkTuning.Heads;
using SkTuning.Methods;
using SkTuning.Models;
using SkTuning.Prompts;

namespace SkTuning;

/// <summary>The options of a tuning method. Each method has its own options, which are stored unchanged in the adapter's file.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = TuningJson.Method)]
[JsonDerivedType(typeof(AutoOptions), "auto")]
[JsonDerivedType(typeof(SkPrefixOptions), "sk-prefix")]
[JsonDerivedType(typeof(SkPromptOptions), "sk-prompt")]
[JsonDerivedType(typeof(SkMemoryOptions), "sk-memory")]
[JsonDerivedType(typeof(AuthorsBertOptions), "authors-bert")]
[JsonDerivedType(typeof(AuthorsLlmOptions), "authors-llm")]
[JsonDerivedType(typeof(PromptTuningOptions), "prompt")]
[JsonDerivedType(typeof(PTuningOptions), "p-tuning")]
[JsonDerivedType(typeof(PrefixTuningOptions), "prefix")]
[JsonDerivedType(typeof(IptOptions), "ipt")]
[JsonDerivedType(typeof(LoraOptions), "lora")]
[JsonDerivedType(typeof(Ia3Options), "ia3")]
[JsonDerivedType(typeof(BitFitOptions), "bitfit")]
[JsonDerivedType(typeof(TopLayersOptions), "top-layers")]
[JsonDerivedType(typeof(ProbeOptions), "probe")]
[JsonDerivedType(typeof(LayerMixOptions), "layer-mix")]
[JsonDerivedType(typeof(LTuningOptions), "l-tuning")]
[JsonDerivedType(typeof(CompositeOptions), CompositeOptions.Kind)]
[JsonDerivedType(typeof(ZeroShotOptions), "zero-shot")]
public abstract record TuningOptions
{
    private protected TuningOptions() { }

    /// <summary>The learning rate of methods without one for themselves.</summary>
    internal const double UsualRate = 3e-3;

    /// <summary>All methods, with their defaults.</summary>
    internal static IReadOnlyList<TuningOptions> All { get; } = [.. Names.Select(n => RegisteredKinds<TuningOptions>.Create(n)!)];

    /// <summary>Gets the names of all methods.</summary>
    public static IReadOnlyList<string> Names => [.. RegisteredKinds<TuningOptions>.Names.Where(n => n != CompositeOptions.Kind)];

    /// <summary>Gets the name of the method, such as <c>sk-prefix</c>.</summary>
    [JsonIgnore]
    public virtual string Name => RegisteredKinds<TuningOptions>.NameOf(this);

    /// <summary>
    /// Gets the learning rate of the method with these options, which applies unless <see cref="TrainingOptions.LearningRate"/> is set (docs/methods.md has a
    /// table with reasons). It is <see langword="null"/> if only the head is trained, which has its own rate, and for <see cref="AutoOptions"/>.
    /// </summary>
    [JsonIgnore]
    public double? DefaultLearningRate => OwnRate;

    /// <summary>Creates the options of a method from its name, with defaults for everything that is not set.</summary>
    /// <param name="name">One of <see cref="Names"/>, or several joined, such as <c>sk-prefix+lora</c>.</param>
    /// <param name="settings">
    /// The values of options, with the options' names as in adapter.json: <c>bottleneck</c>, <c>8</c>. For joined methods, the name of the
    /// method comes first: <c>lora.rank</c>, <c>4</c>.
    /// </param>
    /// <exception cref="SkTuningException">There is no such method or setting, or the setting cannot have this value.</exception>
    public static TuningOptions Create(string name, IEnumerable<KeyValuePair<string, string>>? settings = null)
    {
        return Find(name).With(settings ?? []);
    }

    /// <summary>Returns the options of the method with other values of some options.</summary>
    /// <param name="settings">The values, as for <see cref="Create"/>.</param>
    /// <exception cref="SkTuningException">There is no such setting, or it cannot have this value.</exception>
    public TuningOptions With(IEnumerable<KeyValuePair<string, string>> settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var options = this;
        foreach (var (key, value) in settings) options = TuningJson.With(options, key, value);
        options.Validate();
        return options;
    }

    /// <summary>Returns a method, or several joined, by name with defaults.</summary>
    private static TuningOptions Find(string name)
    {
        if (name.Contains(CompositeOptions.Join)) return new CompositeOptions { Parts = [.. name.Split(CompositeOptions.Join).Select(Find)] };
        return (name == CompositeOptions.Kind ? null : RegisteredKinds<TuningOptions>.Create(name))
            ?? throw new SkTuningException($"There is no tuning method '{name}', expected {string.Join(", ", Names)}, or several joined by "
                + $"{CompositeOptions.Join}.{NameSuggestion.For(name, Names)}");
    }

    /// <summary>The value of <see cref="DefaultLearningRate"/>.</summary>
    internal virtual double? OwnRate => UsualRate;

    /// <summary>True if the method can be joined with others: it affects the forward pass only through what it injects.</summary>
    internal virtual bool Composes => true;

    /// <summary>The words that the model reads instead of the prompt's.</summary>
    internal virtual PromptWords WordsRead => PromptWords.AsWritten;

    /// <summary>Refuses values that cannot be used, by name.</summary>
    internal abstract void Validate();

    /// <summary>The number of layers of the frozen model that must read the prompt; null for all layers.</summary>
    internal virtual int? PromptLayers => null;

    /// <summary>The number of training rows of each label that follow the prompt as demonstrations.</summary>
    internal virtual int DemonstrationsPerLabel => 0;

    /// <summary>True if the method needs a head that scores words.</summary>
    internal virtual bool NeedsWords => false;

    /// <summary>True if the method uses the prompt, which then must not be empty.</summary>
    internal virtual bool ReadsPrompt => PromptLayers != 0;

    /// <summary>True if the head is linear where none is chosen: the method replaces it, or is defined with it.</summary>
    internal virtual bool NeedsLinearHead => false;

    /// <summary>Returns the head that the method uses instead of the chosen one; null if it has none.</summary>
    internal virtual Head? OwnHead(Transformer transformer, int outputs, Pooling pooling) => null;

    /// <summary>Returns the number of positions of the model's context that the method will occupy.</summary>
    internal virtual int Length(int promptTokens) => promptTokens;

    /// <summary>Creates the method for a model and the prompt that it has read.</summary>
    internal abstract TuningMethod CreateMethod(ModelConfig config, PromptEncoding prompt);

    /// <summary>Returns the texts of the labels that the model reads, in the order of the labels; empty if the method does not use labels.</summary>
    internal virtual IReadOnlyList<string> LabelTexts(IReadOnlyList<string> labels) => [];

    /// <summary>Creates the method for a model, the prompt, and the labels' texts that the model has read.</summary>
    internal virtual TuningMethod CreateMethod(ModelConfig config, PromptEncoding prompt, IReadOnlyList<PromptEncoding> labels) => CreateMethod(config, prompt);

    /// <summary>Creates the method if there is no prompt.</summary>
    /// <param name="config">The model's traits.</param>
    /// <param name="filler">A substitute for the prompt, for its shapes.</param>
    internal virtual TuningMethod CreateWithoutPrompt(ModelConfig config, PromptEncoding filler) => CreateMethod(config, filler);

    /// <summary>True if nothing is trained, not even the head, which must then be the language model's own.</summary>
    internal virtual bool FreezesHead => false;

    /// <summary>Refuses an option with an invalid value, by name.</summary>
    private protected void Check<T>(string name, T value, bool isValid, string expected) => OptionCheck.That(GetType().Name, name, value, isValid, expected);

    /// <summary>Refuses a probability of dropout that cannot be used.</summary>
    private protected void CheckDropout(double dropout) => Check("Dropout", dropout, dropout is >= 0 and < 1, "0 (inclusive) to 1 (exclusive)");

    /// <summary>Refuses a number of hidden units that cannot be used.</summary>
    private protected void CheckBottleneck(int bottleneck) => Check("Bottleneck", bottleneck, bottleneck is >= 1 and <= 4096, "1 to 4096");

    /// <summary>Refuses a value that is none of the enumeration's.</summary>
    private protected void CheckPromptWords(PromptWords words)
        => Check("PromptWords", words, Enum.IsDefined(words), string.Join(", ", Enum.GetNames<PromptWords>()));
}
