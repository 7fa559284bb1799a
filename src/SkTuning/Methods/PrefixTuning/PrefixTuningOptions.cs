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
    private const double UsualTokenDropout = 0.05;

    /// <inheritdoc/>
    public override string Name => "prefix";

    /// <summary>How the prefix is initialized. The default is <see cref="PrefixStart.Text"/>, which was best in PEFT's own comparison.</summary>
    public PrefixStart Start { get; init; } = PrefixStart.Text;

    /// <summary>
    /// The number of positions, from 1 to 4096. A text start takes the first positions of the prompt, and no more than it has. The default is
    /// <see langword="null"/>: 20 for a random start, and the length of the prompt for a text start.
    /// </summary>
    public int? Tokens { get; init; }

    /// <summary>
    /// The number of hidden units of a two-layer network that computes the keys and values from one trained vector per position, from 1 to 16384, for a
    /// random start. The default is <see langword="null"/>: keys and values are trained directly.
    /// </summary>
    public int? Projection { get; init; }

    /// <summary>
    /// The number of training rows of each label that follow the prompt with their labels, from 0 to 1000, for single labels on a causal model. With a text
    /// start, the prefix is that of context tuning (CT-KV, arXiv 2507.04221). The default is 0.
    /// </summary>
    public int Demonstrations { get; init; }

    /// <summary>
    /// Whether a training row does not see the keys and values of its own demonstration, which contain its label. The default is <see langword="true"/>.
    /// </summary>
    public bool LeaveOneOut { get; init; } = true;

    /// <summary>
    /// The probability with which a training row does not see a position of the prefix, from 0 to 0.9. The first position is always seen. The default is
    /// <see langword="null"/>: 0.05 with demonstrations, and otherwise 0.
    /// </summary>
    public double? TokenDropout { get; init; }

    /// <summary>
    /// The number of steps, from 0 to 1000000, in which the prefix learns without labels to change the model as the whole prompt does, demonstrations included.
    /// The default is 0.
    /// </summary>
    public int Distillation { get; init; }

    /// <summary>The distance that these steps minimize. The default is <see cref="DistillationLoss.States"/>.</summary>
    public DistillationLoss DistillationLoss { get; init; }

    /// <summary>
    /// Whether labels train only the head of a distilled prefix. The default is <see langword="true"/>; otherwise, they train the prefix too, and distillation
    /// is its start.
    /// </summary>
    public bool DistillationOnly { get; init; } = true;

    internal override void Validate()
    {
        Check(nameof(Tokens), Tokens, Tokens is null or (>= 1 and <= 4096), "1 to 4096");
        Check(nameof(Projection), Projection, Projection is null or (>= 1 and <= 16384), "1 to 16384");
        Check(nameof(Projection), Projection, Projection is null || Start == PrefixStart.Random, "no value with a text start");
        Check(nameof(Demonstrations), Demonstrations, Demonstrations is >= 0 and <= 1000, "0 to 1000");
        Check(nameof(TokenDropout), TokenDropout, TokenDropout is null or (>= 0 and <= 0.9), "0 to 0.9");
        Check(nameof(Distillation), Distillation, Distillation is >= 0 and <= 1_000_000, "0 to 1000000");
        Check(nameof(DistillationLoss), DistillationLoss, Enum.IsDefined(DistillationLoss), string.Join(", ", Enum.GetNames<DistillationLoss>()));
        Check(nameof(Demonstrations), Demonstrations, Demonstrations == 0 || Start == PrefixStart.Text || Distillation > 0,
            "0 with a random start, unless the prefix is distilled from them");
    }

    internal override double? OwnRate => Projection is null ? 1e-2 : 1e-3;

    internal override bool Composes => Distillation == 0;

    internal override int? PromptLayers => Start == PrefixStart.Text || Distillation > 0 ? null : 0;

    internal override bool NeedsWords => Distillation > 0 && DistillationLoss == DistillationLoss.Words;

    internal override int DemonstrationsPerLabel => Demonstrations;

    /// <summary>The probability of <see cref="TokenDropout"/>, or the usual one.</summary>
    internal double Dropout => TokenDropout ?? (Demonstrations > 0 ? UsualTokenDropout : 0);

    internal override int Length(int promptTokens) => Start == PrefixStart.Text ? Math.Min(Tokens ?? promptTokens, promptTokens) : Tokens ?? 20;

    internal override TuningMethod CreateMethod(ModelConfig config, PromptEncoding prompt) => new PrefixTuningMethod(this, config, prompt);
}
