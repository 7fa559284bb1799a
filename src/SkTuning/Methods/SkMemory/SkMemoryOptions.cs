using SkTuning.Methods;
using SkTuning.Methods.SkMemory;
using SkTuning.Models;
using SkTuning.Prompts;

namespace SkTuning;

/// <summary>
/// The options of SK-Tuning as a memory, after PrefixMemory-Tuning (arXiv 2506.13674): the frozen model reads the prompt once, its keys and values become a
/// matrix for each head, and what a token's query finds in it is added to the output of attention. The memory competes with no token of the text and occupies
/// no positions. Step 0 is the frozen model.
/// </summary>
public sealed record SkMemoryOptions : TuningOptions
{
    /// <summary>The number of hidden units of the adapter in each layer, from 1 to 4096. The default is 16.</summary>
    public int Bottleneck { get; init; } = 16;

    /// <summary>The dropout probability on the adapter's hidden units, from 0 (inclusive) to 1 (exclusive). The default is 0.</summary>
    public double Dropout { get; init; }

    /// <summary>The number of last layers with a memory. The default is <see langword="null"/>: all layers.</summary>
    public int? LastLayers { get; init; }

    /// <summary>
    /// The words that the model reads instead of the prompt's, to measure what their meaning is worth: random words, the same words in another order, or
    /// random vectors. The default is <see cref="PromptWords.AsWritten"/>.
    /// </summary>
    public PromptWords PromptWords { get; init; } = PromptWords.AsWritten;

    internal override PromptWords WordsRead => PromptWords;

    internal override void Validate()
    {
        CheckPromptWords(PromptWords);
        CheckDropout(Dropout);
        CheckBottleneck(Bottleneck);
        Check(nameof(LastLayers), LastLayers, LastLayers is null or >= 1, "1 or more");
    }

    internal override double? OwnRate => 1e-2;

    internal override int Length(int promptTokens) => 0;

    internal override TuningMethod CreateMethod(ModelConfig config, PromptEncoding prompt) => new SkMemoryMethod(this, config, prompt);
}
