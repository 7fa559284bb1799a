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

    internal override void Validate()
    {
        if (Bottleneck is < 1 or > 4096) throw new SkTuningException($"SkPrefixOptions.Bottleneck is {Bottleneck}, expected 1 to 4096.");
    }

    internal override TuningMethod Create(ModelConfig config, PromptEncoding prompt) => new SkPrefixMethod(this, config, prompt);
}
