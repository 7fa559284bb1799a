using SkTuning.Methods.Probe;
using SkTuning.Methods;
using SkTuning.Models;
using SkTuning.Prompts;

namespace SkTuning;

/// <summary>Linear probe: nothing is injected, only the head is trained on the frozen model's states. The baseline that every tuning has to beat.</summary>
public sealed record ProbeOptions : TuningOptions
{
    internal override void Validate() { }

    internal override double? OwnRate => null;

    internal override bool Composes => false;

    internal override int? PromptLayers => 0;

    internal override int Length(int promptTokens) => 0;

    internal override TuningMethod CreateMethod(ModelConfig config, PromptEncoding prompt) => new ProbeMethod();
}
