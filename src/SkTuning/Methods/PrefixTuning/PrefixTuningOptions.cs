using SkTuning.Methods.PrefixTuning;
using SkTuning.Methods;
using SkTuning.Metrics;
using SkTuning.Models;
using SkTuning.Prompts;

namespace SkTuning;

/// <summary>How a prefix starts.</summary>
public enum PrefixStart
{
    /// <summary>Normal values of variance one, as PEFT starts it.</summary>
    Random,

    /// <summary>The keys and values that the frozen model made of the prompt: step 0 is the zero-shot prompted model.</summary>
    Text,
}

/// <summary>Prefix tuning (arXiv 2101.00190): the keys and values before the text are trained themselves, in every layer.</summary>
public sealed record PrefixTuningOptions : TuningOptions
{
    /// <inheritdoc/>
    public override string Name => "prefix";

    /// <summary>How it starts. Default: Text, which PEFT's own comparison found the best.</summary>
    public PrefixStart Start { get; init; } = PrefixStart.Text;

    /// <summary>How many positions, 1 to 4096, for a random start; a text start takes the prompt's. Null: 20. Default: null.</summary>
    public int? Tokens { get; init; }

    /// <summary>
    /// The inner width of a two-layer network that makes keys and values from one trained vector a position, for a random start; null: they are trained directly. Default: null.
    /// </summary>
    public int? Projection { get; init; }

    internal override void Validate()
    {
        Check(nameof(Tokens), Tokens, Tokens is null or (>= 1 and <= 4096), "1 to 4096");
        Check(nameof(Projection), Projection, Projection is null or (>= 1 and <= 16384), "1 to 16384");
        Check(nameof(Tokens), Tokens, Tokens is null || Start == PrefixStart.Random, "nothing beside a text start, which is as long as the prompt");
        Check(nameof(Projection), Projection, Projection is null || Start == PrefixStart.Random, "nothing beside a text start");
    }

    internal override double? OwnRate => Projection is null ? 1e-2 : 1e-3;

    internal override int? PromptLayers => Start == PrefixStart.Text ? null : 0;

    internal override int Length(int promptTokens) => Start == PrefixStart.Text ? promptTokens : Tokens ?? 20;

    internal override TuningMethod CreateMethod(ModelConfig config, PromptEncoding prompt) => new PrefixTuningMethod(this, config, prompt);
}
