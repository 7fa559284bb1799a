using System.Text.Json.Serialization;
using SkTuning.Heads;
using SkTuning.Models;

namespace SkTuning;

/// <summary>The options of a head, which turns the model's states into scores. Each kind of head has its own options.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = HeadJson.Discriminator)]
[JsonDerivedType(typeof(LinearHeadOptions), "linear")]
[JsonDerivedType(typeof(SemanticHeadOptions), "semantic")]
[JsonDerivedType(typeof(OrdinalHeadOptions), "ordinal")]
[JsonDerivedType(typeof(LabelTextsHeadOptions), "label-texts")]
[JsonDerivedType(typeof(PrototypesHeadOptions), "prototypes")]
[JsonDerivedType(typeof(LabelWordsHeadOptions), "label-words")]
[JsonDerivedType(typeof(LikelihoodHeadOptions), "likelihood")]
[JsonDerivedType(typeof(HuggingFaceHeadOptions), "hf")]
public abstract record HeadOptions
{
    private protected HeadOptions() { }

    /// <summary>Gets the names of all heads.</summary>
    public static IReadOnlyList<string> Names => RegisteredKinds<HeadOptions>.Names;

    /// <summary>Gets the name of the head, as in adapter files and on the command line.</summary>
    [JsonIgnore]
    public string Name => RegisteredKinds<HeadOptions>.NameOf(this);

    /// <summary>Creates the options of a head with their defaults.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <exception cref="SkTuningException">There is no such head.</exception>
    public static HeadOptions Create(string name)
        => RegisteredKinds<HeadOptions>.Create(name) ?? throw new SkTuningException($"There is no head '{name}', expected "
            + $"{string.Join(", ", Names)}.{NameSuggestion.For(name, Names)}");

    /// <summary>True if the head scores label words: it needs a word for each label, and its scores mean something before training.</summary>
    internal virtual bool ScoresWords => false;

    /// <summary>True if the head reads the descriptions of the labels itself: they are not part of the prompt, and a label without one has its name.</summary>
    internal virtual bool ReadsDescriptions => false;

    /// <summary>True if the descriptions that the head reads change nothing.</summary>
    internal virtual bool IgnoresDescriptions => false;

    /// <summary>True if the head is fitted exactly, on the states of the tuned model (<see cref="FittedHead"/>).</summary>
    internal virtual bool IsFittedExactly => false;

    /// <summary>True if the head is computed from all rows at once, and few rows follow the rule of steps for such heads.</summary>
    internal bool IsComputed => ReadsDescriptions || IsFittedExactly;

    /// <summary>True if the head reads the state at the mask token of an encoder's row template.</summary>
    internal virtual bool ReadsMask(ModelConfig config) => false;

    /// <summary>True if a classifier of transformers computes the same: PEFT can store the head.</summary>
    /// <param name="perWord">The task has an answer for each word.</param>
    internal virtual bool IsTransformersHead(bool perWord) => false;

    /// <summary>Refuses values that cannot be used, by name.</summary>
    internal virtual void Validate() { }

    /// <summary>Returns the reason why the head cannot be used for an adapter; null if it can.</summary>
    internal virtual string? Refusal(HeadContext context) => null;

    /// <summary>Returns the number of tokens that the head reads after a row.</summary>
    internal virtual int AddedTokens(HeadContext context) => 0;

    /// <summary>Creates the head.</summary>
    internal abstract Head Create(HeadContext context);

    private protected void Check<T>(string name, T value, bool isValid, string expected) => OptionCheck.That(GetType().Name, name, value, isValid, expected);
}
