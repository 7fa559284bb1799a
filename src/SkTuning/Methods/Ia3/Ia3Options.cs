using SkTuning.Methods;
using SkTuning.Methods.Ia3;
using SkTuning.Models;
using SkTuning.Prompts;

namespace SkTuning;

/// <summary>
/// The options of IA3 (arXiv 2205.05638), which multiplies keys, values and the inner activations of the feed-forward network by trained vectors. They start
/// at 1: step 0 is the frozen model. The method has few parameters and reads no prompt.
/// </summary>
public sealed record Ia3Options : TuningOptions
{
    /// <summary>
    /// The linear layers whose output is multiplied, named as in <see cref="LoraOptions.Targets"/>. The default is <c>key</c> and <c>value</c>.
    /// </summary>
    public IReadOnlyList<string> OutputTargets { get; init; } = ["key", "value"];

    /// <summary>
    /// The linear layers whose input is multiplied. The default is <c>down</c>, whose input is the inner activations of the feed-forward network.
    /// </summary>
    public IReadOnlyList<string> InputTargets { get; init; } = ["down"];

    internal override void Validate()
        => Check(nameof(OutputTargets), "empty", (OutputTargets?.Count ?? 0) + (InputTargets?.Count ?? 0) > 0, "a name here or in InputTargets");

    internal override double? OwnRate => 1e-2;

    internal override int? PromptLayers => 0;

    internal override int Length(int promptTokens) => 0;

    internal override TuningMethod CreateMethod(ModelConfig config, PromptEncoding prompt) => new Ia3Method(this, prompt.Reader.Linears);
}
