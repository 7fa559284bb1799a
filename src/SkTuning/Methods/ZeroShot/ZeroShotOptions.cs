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
    private const int MaxDemonstrations = 64;

    /// <summary>
    /// The number of training rows that a causal model reads after the prompt, each with the word of its label, from 0 to 64: the labels in turn, at random by
    /// the seed. They become the prompt of the adapter. The default is 0. <see cref="InContextClassifier"/> learns their order, too.
    /// </summary>
    public int Demonstrations { get; init; }

    internal override void Validate() => Check(nameof(Demonstrations), Demonstrations, Demonstrations is >= 0 and <= MaxDemonstrations, "0 to 64");

    internal override double? OwnRate => null;

    internal override bool Composes => false;

    internal override bool ReadsPrompt => false;

    internal override bool FreezesHead => true;

    internal override TuningMethod CreateMethod(ModelConfig config, PromptEncoding prompt) => new ZeroShotMethod(config, prompt);

    internal override TuningMethod CreateWithoutPrompt(ModelConfig config, PromptEncoding filler) => new ZeroShotMethod(config, null);
}
