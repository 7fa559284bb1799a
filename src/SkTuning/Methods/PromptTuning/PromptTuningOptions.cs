using SkTuning.Methods.PromptTuning;
using SkTuning.Methods;
using SkTuning.Metrics;
using SkTuning.Models;
using SkTuning.Prompts;
using SkTuning.Tokenizers.SubwordModels;

namespace SkTuning;

/// <summary>How a soft prompt starts.</summary>
public enum PromptStart
{
    /// <summary>Normal values as large as the model's own word embeddings.</summary>
    Random,

    /// <summary>The embeddings of words drawn from the vocabulary.</summary>
    Vocabulary,

    /// <summary>The embeddings of the prompt's own words.</summary>
    Text,
}

/// <summary>Prompt tuning (arXiv 2104.08691): trained vectors stand before every text at the model's input. With <see cref="PromptStart.Text"/>, step 0 is the prompted model.</summary>
public sealed record PromptTuningOptions : TuningOptions
{
    /// <inheritdoc/>
    public override string Name => "prompt";

    /// <summary>How the vectors start. Default: Text.</summary>
    public PromptStart Start { get; init; } = PromptStart.Text;

    /// <summary>How many vectors, 1 to 4096; null: as many as the prompt has tokens, or 20 where it is not read. A text that is shorter is repeated, a longer one cut. Default: null.</summary>
    public int? Tokens { get; init; }

    internal override void Validate() => Check(nameof(Tokens), Tokens, Tokens is null or (>= 1 and <= 4096), "1 to 4096");

    internal override double? OwnRate => 1e-2;

    internal override int? PromptLayers => 0;

    internal override bool ReadsPrompt => Start == PromptStart.Text;

    internal override int Length(int promptTokens) => Tokens ?? (Start == PromptStart.Text ? promptTokens : 20);

    internal override TuningMethod CreateMethod(ModelConfig config, PromptEncoding prompt) => new PromptTuningMethod(Start, Length(prompt.Length), prompt);
}
