using SkTuning.Models;
using SkTuning.Prompts;

namespace SkTuning.Tuning.SkPrefix;

/// <summary>
/// SK-Tuning as a prefix (arXiv 2410.08598, figure 1a): what the frozen model understood of the prompt in each layer goes through a small adapter
/// and becomes keys and values before every text.
/// </summary>
public sealed record SkPrefixOptions : TuningOptions
{
    /// <inheritdoc/>
    public override string Name => "sk-prefix";

    /// <summary>The adapter's inner width in each layer, 1 to 4096. Default: 16, which was as good as 64 and stabler.</summary>
    public int Bottleneck { get; init; } = 16;

    /// <summary>The part of the adapter's inner values that is left out at random in training, 0 or more, below 1. Default: 0.</summary>
    public double Dropout { get; init; }

    internal override void Validate()
    {
        Check(nameof(Dropout), Dropout, Dropout is >= 0 and < 1, "0 or more, below 1");
        Check(nameof(Bottleneck), Bottleneck, Bottleneck is >= 1 and <= 4096, "1 to 4096");
    }

    internal override TuningMethod Create(ModelConfig config, PromptEncoding prompt) => new SkPrefixMethod(this, config, prompt);
}
