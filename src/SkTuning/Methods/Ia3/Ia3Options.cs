using SkTuning.Methods.Ia3;
using SkTuning.Methods;
using SkTuning.Metrics;
using SkTuning.Models;
using SkTuning.Prompts;

namespace SkTuning;

/// <summary>
/// IA3 (arXiv 2205.05638): keys, values and the feed-forward's inner values are multiplied by trained vectors, all one at the start: step 0 is the frozen model. The
/// smallest of the methods. It reads no prompt.
/// </summary>
public sealed record Ia3Options : TuningOptions
{
    /// <summary>Linears whose output is multiplied, named as <see cref="LoraOptions.Targets"/>. Default: key and value.</summary>
    public IReadOnlyList<string> OutputTargets { get; init; } = ["key", "value"];

    /// <summary>Linears whose input is multiplied. Default: down, whose input is the feed-forward's inner values.</summary>
    public IReadOnlyList<string> InputTargets { get; init; } = ["down"];

    internal override void Validate()
        => Check(nameof(OutputTargets), "empty", (OutputTargets?.Count ?? 0) + (InputTargets?.Count ?? 0) > 0, "a name in it or in InputTargets");

    internal override double? OwnRate => 1e-2;

    internal override int? PromptLayers => 0;

    internal override int Length(int promptTokens) => 0;

    internal override TuningMethod CreateMethod(ModelConfig config, PromptEncoding prompt) => new Ia3Method(this, prompt.Reader.Linears);
}
