using SkTuning.Methods.SkPrompt;
using SkTuning.Methods;
using SkTuning.Metrics;
using SkTuning.Models;
using SkTuning.Prompts;

namespace SkTuning;

/// <summary>
/// SK-Tuning as a soft prompt (arXiv 2410.08598, figure 1b): the prompt's words, moved by what the first layer made of them, stand before every text at the
/// model's input. It serves every family, also those that take no prefix of keys and values.
/// </summary>
public sealed record SkPromptOptions : TuningOptions
{
    /// <summary>The adapter's inner width, 1 to 4096. Default: 16.</summary>
    public int Bottleneck { get; init; } = 16;

    /// <summary>The part of the adapter's inner values that is left out at random in training, 0 or more, below 1. Default: 0.</summary>
    public double Dropout { get; init; }

    /// <summary>What is read in place of the prompt's words, to see what their meaning is worth: random words, the same words in another order, random vectors. Default: AsWritten.</summary>
    public PromptWords PromptWords { get; init; } = PromptWords.AsWritten;

    internal override PromptWords WordsRead => PromptWords;

    internal override void Validate()
    {
        Check(nameof(PromptWords), PromptWords, Enum.IsDefined(PromptWords), string.Join(", ", Enum.GetNames<PromptWords>()));
        Check(nameof(Dropout), Dropout, Dropout is >= 0 and < 1, "0 or more, below 1");
        Check(nameof(Bottleneck), Bottleneck, Bottleneck is >= 1 and <= 4096, "1 to 4096");
    }

    internal override int? PromptLayers => 1;

    internal override TuningMethod CreateMethod(ModelConfig config, PromptEncoding prompt) => new SkPromptMethod(this, config, prompt);
}
