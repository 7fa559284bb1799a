using SkTuning.Methods.BitFit;
using SkTuning.Methods;
using SkTuning.Models;
using SkTuning.Prompts;

namespace SkTuning;

/// <summary>
/// BitFit (arXiv 2106.10199): all biases of the layers' linears and norms are trained, the rest stays. Models that have no biases get one beside each linear,
/// zero at the start. Step 0 is the frozen model. It reads no prompt.
/// </summary>
public sealed record BitFitOptions : TuningOptions
{
    internal override void Validate() { }

    internal override double? OwnRate => 1e-3;

    internal override int? PromptLayers => 0;

    internal override int Length(int promptTokens) => 0;

    internal override TuningMethod CreateMethod(ModelConfig config, PromptEncoding prompt) => new BitFitMethod(prompt.Reader);
}
