using SkTuning.Methods;
using SkTuning.Methods.ZeroShot;
using SkTuning.Models;
using SkTuning.Prompts;

namespace SkTuning;

/// <summary>
/// The options of zero-shot classification: nothing is trained. The frozen model reads the prompt, if there is one, and scores the label words
/// (<see cref="LabelWordsHeadOptions"/> or <see cref="LikelihoodHeadOptions"/>). It is the baseline that every training has to beat. With
/// <see cref="Demonstrations"/>, a causal model reads training rows with their labels before the text (in-context classification).
/// </summary>
public sealed record ZeroShotOptions : TuningOptions
{
    /// <summary>
    /// The number of training rows of each label that a causal model reads after the prompt, each with the word of its label, from 0 to 1000: the labels in
    /// turn, at random by the seed. They become a part of the adapter's prompt. The default is 0. <see cref="InContextClassifier"/> learns their order, too.
    /// </summary>
    public int Demonstrations { get; init; }

    internal override void Validate() => Check(nameof(Demonstrations), Demonstrations, Demonstrations is >= 0 and <= 1000, "0 to 1000");

    internal override int DemonstrationsPerLabel => Demonstrations;

    internal override double? OwnRate => null;

    internal override bool Composes => false;

    internal override bool ReadsPrompt => false;

    internal override bool FreezesHead => true;

    internal override TuningMethod CreateMethod(ModelConfig config, PromptEncoding prompt) => new ZeroShotMethod(config, prompt);

    internal override TuningMethod CreateWithoutPrompt(ModelConfig config, PromptEncoding filler) => new ZeroShotMethod(config, null);
}
