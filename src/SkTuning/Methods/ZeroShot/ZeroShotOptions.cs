using System.Text.Json.Serialization;
using SkTuning.Methods.ZeroShot;
using SkTuning.Methods;
using SkTuning.Models;
using SkTuning.Prompts;

namespace SkTuning;

/// <summary>
/// Nothing is trained: the frozen model behind the prompt, if there is one, scores the labels' words (heads <see cref="HeadKind.LabelWords"/> and
/// <see cref="HeadKind.Likelihood"/>). What every training has to beat.
/// </summary>
public sealed record ZeroShotOptions : TuningOptions
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override string Name => "zero-shot";

    internal override void Validate() { }

    internal override double? OwnRate => null;

    internal override bool Composes => false;

    internal override bool ReadsPrompt => false;

    internal override bool FreezesHead => true;

    internal override TuningMethod Create(ModelConfig config, PromptEncoding prompt) => new ZeroShotMethod(config, prompt);

    internal override TuningMethod CreateWithoutPrompt(ModelConfig config, PromptEncoding filler) => new ZeroShotMethod(config, null);
}
