using SkTuning.Methods;
using SkTuning.Methods.SkPrompt;
using SkTuning.Models;
using SkTuning.Prompts;

namespace SkTuning;

/// <summary>
/// The options of SK-Tuning as a soft prompt (arXiv 2410.08598, figure 1b): an adapter over the first layer's output for the prompt
/// shifts the prompt's word embeddings, which precede every text at the model's input. The method works with every family, including
/// those that cannot take a prefix of keys and values.
/// </summary>
public sealed record SkPromptOptions : TuningOptions
{
    /// <summary>The number of hidden units of the adapter, from 1 to 4096. The default is 16.</summary>
    public int Bottleneck { get; init; } = 16;

    /// <summary>The dropout probability on the adapter's hidden units, from 0 (inclusive) to 1 (exclusive). The default is 0.</summary>
    public double Dropout { get; init; }

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
    }

    internal override int? PromptLayers => 1;

    internal override TuningMethod CreateMethod(ModelConfig config, PromptEncoding prompt) => new SkPromptMethod(this, config, prompt);
}
