using SkTuning.Methods;
using SkTuning.Methods.Probe;
using SkTuning.Models;
using SkTuning.Prompts;

namespace SkTuning;

/// <summary>
/// The options of a linear probe: nothing is injected, and only the head is trained, on the states of the frozen model. It is the
/// baseline that every other method has to beat.
/// </summary>
public sealed record ProbeOptions : TuningOptions
{
    internal override void Validate() { }

    internal override double? OwnRate => null;

    internal override bool Composes => false;

    internal override int? PromptLayers => 0;

    internal override int Length(int promptTokens) => 0;

    internal override TuningMethod CreateMethod(ModelConfig config, PromptEncoding prompt) => new ProbeMethod();
}
