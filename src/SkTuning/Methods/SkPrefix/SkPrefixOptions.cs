using SkTuning.Methods.SkPrefix;
using SkTuning.Methods;
using SkTuning.Metrics;
using SkTuning.Models;
using SkTuning.Prompts;

namespace SkTuning;

/// <summary>
/// SK-Tuning as a prefix (arXiv 2410.08598, figure 1a): what the frozen model understood of the prompt in each layer goes through a small adapter
/// and becomes keys and values before every text.
/// </summary>
public sealed record SkPrefixOptions : TuningOptions
{
    /// <summary>The adapter's inner width in each layer, 1 to 4096. Default: 16, which was as good as 64 and stabler.</summary>
    public int Bottleneck { get; init; } = 16;

    /// <summary>The part of the adapter's inner values that is left out at random in training, 0 or more, below 1. Default: 0.</summary>
    public double Dropout { get; init; }

    /// <summary>The first layer with an adapter, from 0; those below keep the prompt's keys and values as they are. Default: 0.</summary>
    public int FirstLayer { get; init; }

    /// <summary>Adapters in the last so many layers only; the others keep the prompt's keys and values as they are. Null: all from <see cref="FirstLayer"/> on. Default: null.</summary>
    public int? LastLayers { get; init; }

    /// <summary>The adapter changes the values alone and leaves the prompt's keys as they are: half the parameters of its last factor. Default: false.</summary>
    public bool ValuesOnly { get; init; }

    /// <summary>One adapter for all layers instead of one each. Default: false.</summary>
    public bool Shared { get; init; }

    /// <summary>
    /// The adapter's output is added to what the prompt's reading left, so that step 0 is the zero-shot prompted model. False: it stands in its place, the paper's plain F,
    /// which starts at random. Default: true.
    /// </summary>
    public bool Residual { get; init; } = true;

    /// <summary>A trained number for each layer, 1 at the start, by which the adapter's output is multiplied. Default: false.</summary>
    public bool Gate { get; init; }

    /// <summary>What is read in place of the prompt's words, to see what their meaning is worth: random words, the same words in another order, random vectors. Default: AsWritten.</summary>
    public PromptWords PromptWords { get; init; } = PromptWords.AsWritten;

    internal override PromptWords WordsRead => PromptWords;

    internal override void Validate()
    {
        Check(nameof(PromptWords), PromptWords, Enum.IsDefined(PromptWords), string.Join(", ", Enum.GetNames<PromptWords>()));
        Check(nameof(Dropout), Dropout, Dropout is >= 0 and < 1, "0 or more, below 1");
        Check(nameof(Bottleneck), Bottleneck, Bottleneck is >= 1 and <= 4096, "1 to 4096");
        Check(nameof(FirstLayer), FirstLayer, FirstLayer >= 0, "0 or more");
        Check(nameof(LastLayers), LastLayers, LastLayers is null or >= 1, "1 or more");
        Check(nameof(LastLayers), LastLayers, LastLayers is null || FirstLayer == 0, "nothing beside FirstLayer");
    }

    internal override TuningMethod CreateMethod(ModelConfig config, PromptEncoding prompt) => new SkPrefixMethod(this, config, prompt);
}
