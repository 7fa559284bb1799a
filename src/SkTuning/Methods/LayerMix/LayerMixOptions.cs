using SkTuning.Heads;
using SkTuning.Methods.LayerMix;
using SkTuning.Methods.Probe;
using SkTuning.Methods;
using SkTuning.Models;
using SkTuning.Prompts;

namespace SkTuning;

/// <summary>
/// A linear probe that looks at every layer: the pooled states of all layers, mixed with trained weights that sum to one, times a trained scale (ELMo, arXiv 1802.05365, equation 1), go into a
/// linear. Nothing is injected and no gradient goes through the model; the states of each row are computed once. It reads no prompt.
/// </summary>
public sealed record LayerMixOptions : TuningOptions
{
    /// <summary>Each layer's pooled state is brought to mean 0 and variance 1 before it is mixed, so that no layer counts more because its numbers are larger. Default: true.</summary>
    public bool Normalize { get; init; } = true;

    internal override void Validate() { }

    internal override double? OwnRate => null;

    internal override bool Composes => false;

    internal override int? PromptLayers => 0;

    internal override int Length(int promptTokens) => 0;

    internal override TuningMethod CreateMethod(ModelConfig config, PromptEncoding prompt) => new ProbeMethod();

    internal override Head OwnHead(Transformer transformer, int outputs, Pooling pooling) => new LayerMixHead(transformer.Config, outputs, pooling, Normalize);
}
