using SkTuning.Methods;
using SkTuning.Methods.SkPrefix;
using SkTuning.Models;
using SkTuning.Prompts;

namespace SkTuning;

/// <summary>
/// The options of SK-Tuning as a prefix (arXiv 2410.08598, figure 1a): the frozen model reads the prompt once, and in each layer a small adapter turns the
/// prompt's states into keys and values before every text.
/// </summary>
public sealed record SkPrefixOptions : TuningOptions
{
    /// <summary>The number of hidden units of the adapter in each layer, from 1 to 4096. The default is 16, which was as good as 64 and more stable.</summary>
    public int Bottleneck { get; init; } = 16;

    /// <summary>The dropout probability on the adapter's hidden units, from 0 (inclusive) to 1 (exclusive). The default is 0.</summary>
    public double Dropout { get; init; }

    /// <summary>The first layer with an adapter, counted from 0; the layers below it use the prompt's own keys and values. The default is 0.</summary>
    public int FirstLayer { get; init; }

    /// <summary>
    /// The number of last layers with an adapter; the other layers use the prompt's own keys and values. The default is <see langword="null"/>:
    /// <see cref="FirstLayer"/> and all layers after it.
    /// </summary>
    public int? LastLayers { get; init; }

    /// <summary>
    /// Whether the adapter changes only the values and leaves the prompt's keys unchanged, which halves the parameters of its last
    /// factor. The default is <see langword="false"/>.
    /// </summary>
    public bool ValuesOnly { get; init; }

    /// <summary>Whether all layers share one adapter. The default is <see langword="false"/>: each layer has its own.</summary>
    public bool Shared { get; init; }

    /// <summary>
    /// Whether to add the adapter's output to the prompt's own keys and values, so that step 0 is the prompted model. If <see langword="false"/>, it replaces
    /// them and starts at random, as the paper's plain F does. The default is <see langword="true"/>.
    /// </summary>
    public bool Residual { get; init; } = true;

    /// <summary>
    /// Whether to multiply the adapter's output by a trained number for each layer, which starts at 1. The default is <see langword="false"/>.
    /// </summary>
    public bool Gate { get; init; }

    /// <summary>
    /// The words that the model reads instead of the prompt's, to measure what their meaning is worth: random words, the same words in another order, or
    /// random vectors. The default is <see cref="PromptWords.AsWritten"/>.
    /// </summary>
    public PromptWords PromptWords { get; init; } = PromptWords.AsWritten;

    internal override PromptWords WordsRead => PromptWords;

    internal override double? OwnRate => 2e-3;

    internal override void Validate()
    {
        CheckPromptWords(PromptWords);
        CheckDropout(Dropout);
        CheckBottleneck(Bottleneck);
        Check(nameof(FirstLayer), FirstLayer, FirstLayer >= 0, "0 or more");
        Check(nameof(LastLayers), LastLayers, LastLayers is null or >= 1, "1 or more");
        Check(nameof(LastLayers), LastLayers, LastLayers is null || FirstLayer == 0, "no value if FirstLayer is set");
    }

    internal override TuningMethod CreateMethod(ModelConfig config, PromptEncoding prompt) => new SkPrefixMethod(this, config, prompt);
}
