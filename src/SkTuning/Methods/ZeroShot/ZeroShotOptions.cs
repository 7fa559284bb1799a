using SkTuning.Methods;
using SkTuning.Methods.ZeroShot;
using SkTuning.Models;
using SkTuning.Prompts;

namespace SkTuning;

/// <summary>
/// The options of zero-shot classification: nothing is trained. The frozen model reads the prompt, if there is one, and scores the label words
/// (<see cref="LabelWordsHeadOptions"/> or <see cref="LikelihoodHeadOptions"/>). It is the baseline that every training has to beat.
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
