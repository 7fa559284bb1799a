using SkTuning.Methods;
using SkTuning.Methods.BitFit;
using SkTuning.Models;
using SkTuning.Prompts;

namespace SkTuning;

/// <summary>
/// The options of BitFit (arXiv 2106.10199), which trains all biases of the linear layers and norms and nothing else. In a model without biases, each linear
/// layer gets one that starts at zero. Step 0 is the frozen model. The method reads no prompt.
/// </summary>
public sealed record BitFitOptions : TuningOptions
{
    internal override void Validate() { }

    internal override double? OwnRate => 3e-3;

    internal override int? PromptLayers => 0;

    internal override int Length(int promptTokens) => 0;

    internal override TuningMethod CreateMethod(ModelConfig config, PromptEncoding prompt) => new BitFitMethod(prompt.Reader);
}
