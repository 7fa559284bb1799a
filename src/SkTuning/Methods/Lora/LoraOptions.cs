using SkTuning.Methods;
using SkTuning.Methods.Lora;
using SkTuning.Models;
using SkTuning.Prompts;

namespace SkTuning;

/// <summary>
/// The options of LoRA (arXiv 2106.09685), which adds the product of two low-rank matrices to selected linear layers: W x + (alpha / rank) B A x. B starts at
/// zero: step 0 is the frozen model. The method reads no prompt.
/// </summary>
public sealed record LoraOptions : TuningOptions
{
    /// <summary>
    /// The linear layers to adapt: <c>query</c>, <c>key</c>, <c>value</c>, <c>output</c>, <c>gate</c>, <c>up</c>, <c>down</c>, <c>queryKeyValue</c>,
    /// <c>gateUp</c> (the parts of a fused weight have names too), <c>all</c>, or the end of a name in the checkpoint, such as <c>q_proj</c>. The
    /// default is <c>query</c> and <c>value</c>.
    /// </summary>
    public IReadOnlyList<string> Targets { get; init; } = ["query", "value"];

    /// <summary>The rank of the product, from 1 to 4096. The default is 8.</summary>
    public int Rank { get; init; } = 8;

    /// <summary>The scale of the product, above 0, at most 1000000: it is multiplied by alpha / rank. The default is 16.</summary>
    public double Alpha { get; init; } = 16;

    /// <summary>Whether to multiply the product by alpha / sqrt(rank) instead (arXiv 2312.03732). The default is <see langword="false"/>.</summary>
    public bool RankStabilized { get; init; }

    /// <summary>The dropout probability on the input of the product, from 0 (inclusive) to 1 (exclusive). The default is 0.</summary>
    public double Dropout { get; init; }

    internal override void Validate()
    {
        Check(nameof(Targets), string.Join(", ", Targets ?? []), Targets is { Count: > 0 }, "one or more names");
        Check(nameof(Rank), Rank, Rank is >= 1 and <= 4096, "1 to 4096");
        Check(nameof(Alpha), Alpha, Alpha is > 0 and <= 1_000_000, "above 0, at most 1000000");
        CheckDropout(Dropout);
    }

    internal override double? OwnRate => 2e-3;

    internal override int? PromptLayers => 0;

    internal override int Length(int promptTokens) => 0;

    internal override TuningMethod CreateMethod(ModelConfig config, PromptEncoding prompt) => new LoraMethod(this, prompt.Reader.Linears);
}
