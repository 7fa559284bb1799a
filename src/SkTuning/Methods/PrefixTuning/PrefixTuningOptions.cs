using SkTuning.Methods;
using SkTuning.Methods.PrefixTuning;
using SkTuning.Models;
using SkTuning.Prompts;

namespace SkTuning;

/// <summary>Specifies how a prefix is initialized.</summary>
public enum PrefixStart
{
    /// <summary>Values from a normal distribution with variance 1, as in PEFT.</summary>
    Random,

    /// <summary>The keys and values that the frozen model computes for the prompt: step 0 is the prompted model.</summary>
    Text,
}

/// <summary>The options of prefix tuning (arXiv 2101.00190), which trains the keys and values before the text directly, in every layer.</summary>
public sealed record PrefixTuningOptions : TuningOptions
{
    /// <inheritdoc/>
    public override string Name => "prefix";

    /// <summary>How the prefix is initialized. The default is <see cref="PrefixStart.Text"/>, which was best in PEFT's own comparison.</summary>
    public PrefixStart Start { get; init; } = PrefixStart.Text;

    /// <summary>
    /// The number of positions for a random start, from 1 to 4096. The default is <see langword="null"/>: 20 for a random start, and
    /// the length of the prompt for a text start.
    /// </summary>
    public int? Tokens { get; init; }

    /// <summary>
    /// The number of hidden units of a two-layer network that computes the keys and values from one trained vector per position, from 1 to 16384, for a
    /// random start. The default is <see langword="null"/>: keys and values are trained directly.
    /// </summary>
    public int? Projection { get; init; }

    internal override void Validate()
    {
        Check(nameof(Tokens), Tokens, Tokens is null or (>= 1 and <= 4096), "1 to 4096");
        Check(nameof(Projection), Projection, Projection is null or (>= 1 and <= 16384), "1 to 16384");
        Check(nameof(Tokens), Tokens, Tokens is null || Start == PrefixStart.Random, "no value with a text start, which is as long as the prompt");
        Check(nameof(Projection), Projection, Projection is null || Start == PrefixStart.Random, "no value with a text start");
    }

    internal override double? OwnRate => Projection is null ? 1e-2 : 1e-3;

    internal override int? PromptLayers => Start == PrefixStart.Text ? null : 0;

    internal override int Length(int promptTokens) => Start == PrefixStart.Text ? promptTokens : Tokens ?? 20;

    internal override TuningMethod CreateMethod(ModelConfig config, PromptEncoding prompt) => new PrefixTuningMethod(this, config, prompt);
}
