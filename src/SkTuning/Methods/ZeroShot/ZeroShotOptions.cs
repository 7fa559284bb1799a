using SkTuning.Methods.ZeroShot;
using SkTuning.Methods;
using SkTuning.Models;
using SkTuning.Prompts;

namespace SkTuning;

/// <summary>
/// Nothing is trained: the frozen model, after the prompt if there is one, scores the label words (heads <see cref="LabelWordsHeadOptions"/> and
/// <see cref="LikelihoodHeadOptions"/>). This is what every training has to beat.
/// </summary>
public sealed record ZeroShotOptions : TuningOptions
{
    internal override void Validate() { }

    internal override double? OwnRate => null;

    internal override bool Composes => false;

    internal override bool ReadsPrompt => false;

    internal override bool FreezesHead => true;

    internal override TuningMethod CreateMethod(ModelConfig config, PromptEncoding prompt) => new ZeroShotMethod(config, prompt);

    internal override TuningMethod CreateWithoutPrompt(ModelConfig config, PromptEncoding filler) => new ZeroShotMethod(config, null);
}
