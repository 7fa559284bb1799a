using SkTuning.Methods;
using SkTuning.Methods.PromptTuning;
using SkTuning.Models;
using SkTuning.Prompts;

namespace SkTuning;

/// <summary>Specifies how a soft prompt is initialized.</summary>
public enum PromptStart
{
    /// <summary>Values from a normal distribution with the standard deviation of the model's word embeddings.</summary>
    Random,

    /// <summary>The embeddings of words that are drawn at random from the vocabulary.</summary>
    Vocabulary,

    /// <summary>The embeddings of the prompt's own words.</summary>
    Text,
}

/// <summary>
/// The options of prompt tuning (arXiv 2104.08691), which trains vectors before every text at the model's input. With
/// <see cref="PromptStart.Text"/>, step 0 is the prompted model.
/// </summary>
public sealed record PromptTuningOptions : TuningOptions
{
    /// <inheritdoc/>
    public override string Name => "prompt";

    /// <summary>How the vectors are initialized. The default is <see cref="PromptStart.Text"/>.</summary>
    public PromptStart Start { get; init; } = PromptStart.Text;

    /// <summary>
    /// The number of vectors, from 1 to 4096. With <see cref="PromptStart.Text"/>, a shorter prompt is repeated and a longer one is truncated. The default is
    /// <see langword="null"/>: the number of tokens of the prompt with <see cref="PromptStart.Text"/>, otherwise 20.
    /// </summary>
    public int? Tokens { get; init; }

    internal override void Validate() => Check(nameof(Tokens), Tokens, Tokens is null or (>= 1 and <= 4096), "1 to 4096");

    internal override double? OwnRate => 1e-2;

    internal override int? PromptLayers => 0;

    internal override bool ReadsPrompt => Start == PromptStart.Text;

    internal override int Length(int promptTokens) => Tokens ?? (Start == PromptStart.Text ? promptTokens : 20);

    internal override TuningMethod CreateMethod(ModelConfig config, PromptEncoding prompt) => new PromptTuningMethod(Start, Length(prompt.Length), prompt);
}
