using System.Text.Json.Serialization;
using SkTuning.Heads;
using SkTuning.Methods;
using SkTuning.Metrics;
using SkTuning.Models;
using SkTuning.Prompts;

namespace SkTuning;

/// <summary>What all tuning methods have: a name for files and command lines. A method's options stand in its adapter's file as they are.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = TuningJson.Method)]
[JsonDerivedType(typeof(SkPrefixOptions), "sk-prefix")]
[JsonDerivedType(typeof(SkPromptOptions), "sk-prompt")]
[JsonDerivedType(typeof(AuthorsBertOptions), "authors-bert")]
[JsonDerivedType(typeof(AuthorsLlmOptions), "authors-llm")]
[JsonDerivedType(typeof(PromptTuningOptions), "prompt")]
[JsonDerivedType(typeof(PTuningOptions), "p-tuning")]
[JsonDerivedType(typeof(PrefixTuningOptions), "prefix")]
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

    /// <summary>The learning rate of methods that have no better one.</summary>
    internal const double UsualRate = 3e-3;

    /// <summary>Every method, with its defaults.</summary>
    internal static IReadOnlyList<TuningOptions> All { get; } = [.. Names.Select(n => RegisteredKinds<TuningOptions>.Create(n)!)];

    /// <summary>Gets the names of all methods.</summary>
    public static IReadOnlyList<string> Names => [.. RegisteredKinds<TuningOptions>.Names.Where(n => n != CompositeOptions.Kind)];

    /// <summary>Gets the name of the method, such as <c>sk-prefix</c>.</summary>
    [JsonIgnore]
    public virtual string Name => RegisteredKinds<TuningOptions>.NameOf(this);

    /// <summary>
    /// The highest learning rate that is good for the method as it is set, where <see cref="TrainingOptions.LearningRate"/> says none (docs/methods.md has the table and its reasons). Null: nothing but
    /// the head is trained, at a rate of its own.
    /// </summary>
    [JsonIgnore]
    public double? DefaultLearningRate => OwnRate;

    /// <summary>A method by its name, with its defaults but for what is set.</summary>
    /// <param name="name">One of <see cref="Names"/>, or several joined: <c>sk-prefix+lora</c>.</param>
    /// <param name="settings">Values by the options' names as adapter.json writes them: <c>bottleneck</c>, <c>8</c>; of joined methods with the method's name before: <c>lora.rank</c>, <c>4</c>.</param>
    /// <exception cref="SkTuningException">There is no such method or setting, or it cannot have that value.</exception>
    public static TuningOptions Create(string name, IEnumerable<KeyValuePair<string, string>>? settings = null)
    {
        var options = Find(name);
        foreach (var (key, value) in settings ?? []) options = TuningJson.With(options, key, value);
        options.Validate();
        return options;
    }

    /// <summary>A method by its name, with its defaults.</summary>
    private static TuningOptions Find(string name)
    {
        if (name.Contains(CompositeOptions.Join)) return new CompositeOptions { Parts = [.. name.Split(CompositeOptions.Join).Select(Find)] };
        return (name == CompositeOptions.Kind ? null : RegisteredKinds<TuningOptions>.Create(name)) ?? throw new SkTuningException($"There is no tuning method '{name}', expected {string.Join(", ", Names)}, or several joined by {CompositeOptions.Join}.");
    }

    /// <summary>Behind <see cref="DefaultLearningRate"/>.</summary>
    internal virtual double? OwnRate => UsualRate;

    /// <summary>It can be joined with others: it says nothing of the pass but what it injects.</summary>
    internal virtual bool Composes => true;

    /// <summary>Which words the model reads in place of the prompt's.</summary>
    internal virtual PromptWords WordsRead => PromptWords.AsWritten;

    /// <summary>Refuses values that make no sense, by name.</summary>
    internal abstract void Validate();

    /// <summary>How many layers of the frozen model must read the prompt; null: all.</summary>
    internal virtual int? PromptLayers => null;

    /// <summary>True when the method does something with the prompt: it must not be empty then.</summary>
    internal virtual bool ReadsPrompt => PromptLayers != 0;

    /// <summary>A head that the method brings along in place of the one that was chosen; null: none.</summary>
    internal virtual Head? OwnHead(Transformer transformer, int outputs, Pooling pooling) => null;

    /// <summary>Positions that the method will take from the model's context.</summary>
    internal virtual int Length(int promptTokens) => promptTokens;

    /// <summary>The method for a model and the prompt that it has read.</summary>
    internal abstract TuningMethod CreateMethod(ModelConfig config, PromptEncoding prompt);

    /// <summary>The texts of the labels that the model reads, in the labels' order; none where the method does not look at labels.</summary>
    internal virtual IReadOnlyList<string> LabelTexts(IReadOnlyList<string> labels) => [];

    /// <summary>The method for a model, the prompt, and the labels' texts that it has read.</summary>
    internal virtual TuningMethod CreateMethod(ModelConfig config, PromptEncoding prompt, IReadOnlyList<PromptEncoding> labels) => CreateMethod(config, prompt);
    /// <summary>The method where there is no prompt.</summary>
    /// <param name="config">The model.</param>
    /// <param name="filler">What stands for a prompt, for its shapes.</param>
    internal virtual TuningMethod CreateWithoutPrompt(ModelConfig config, PromptEncoding filler) => CreateMethod(config, filler);

    /// <summary>True when nothing is trained, the head neither: it must be one that the language model brings along.</summary>
    internal virtual bool FreezesHead => false;

    /// <summary>Refuses an option by its name.</summary>
    private protected void Check<T>(string name, T value, bool isValid, string expected) => OptionCheck.That(GetType().Name, name, value, isValid, expected);
}
