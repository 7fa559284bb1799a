using SkTuning.Heads;
using SkTuning.Methods;
using SkTuning.Methods.LayerMix;
using SkTuning.Methods.Probe;
using SkTuning.Models;
using SkTuning.Prompts;

namespace SkTuning;

/// <summary>
/// The options of a linear probe that reads every layer: the pooled states of all layers, mixed by trained weights that sum to 1 and multiplied by a trained
/// scale (ELMo, arXiv 1802.05365, equation 1), are the input of a linear layer. Nothing is injected, and no gradient flows through the model; the states of
/// each row are computed once. The method reads no prompt.
/// </summary>
public sealed record LayerMixOptions : TuningOptions
{
    /// <summary>
    /// Whether to normalize each layer's pooled state to mean 0 and variance 1 before mixing, so that no layer weighs more because its values are
    /// larger. The default is <see langword="true"/>.
    /// </summary>
    public bool Normalize { get; init; } = true;

    internal override void Validate() { }

    internal override double? OwnRate => null;

    internal override bool Composes => false;

    internal override bool NeedsLinearHead => true;

    internal override int? PromptLayers => 0;

    internal override int Length(int promptTokens) => 0;

    internal override TuningMethod CreateMethod(ModelConfig config, PromptEncoding prompt) => new ProbeMethod();

    internal override Head OwnHead(Transformer transformer, int outputs, Pooling pooling) => new LayerMixHead(transformer.Config, outputs, pooling, Normalize);
}
