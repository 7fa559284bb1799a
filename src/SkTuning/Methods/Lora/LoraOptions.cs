using SkTuning.Methods.Lora;
using SkTuning.Methods;
using SkTuning.Metrics;
using SkTuning.Models;
using SkTuning.Prompts;

namespace SkTuning;

/// <summary>
/// LoRA (arXiv 2106.09685): beside chosen linears of every layer stands a product of two thin matrices, W x + (alpha / rank) B A x. B starts at zero: step 0 is
/// the frozen model. It reads no prompt.
/// </summary>
public sealed record LoraOptions : TuningOptions
{
    /// <summary>
    /// Which linears: query, key, value, output, gate, up, down, queryKeyValue, gateUp (parts of a fused weight have their own names too), all, or the end of a name in the
    /// checkpoint, such as q_proj. Default: query and value.
    /// </summary>
    public IReadOnlyList<string> Targets { get; init; } = ["query", "value"];

    /// <summary>The inner width, 1 to 4096. Default: 8.</summary>
    public int Rank { get; init; } = 8;

    /// <summary>The addition is multiplied by alpha / rank. Default: 16.</summary>
    public double Alpha { get; init; } = 16;

    /// <summary>Multiply by alpha / sqrt(rank) instead (arXiv 2312.03732). Default: false.</summary>
    public bool RankStabilized { get; init; }

    /// <summary>The part of the addition's input that is left out at random in training, 0 or more, below 1. Default: 0.</summary>
    public double Dropout { get; init; }

    internal override void Validate()
    {
        Check(nameof(Targets), string.Join(", ", Targets ?? []), Targets is { Count: > 0 }, "one name or more");
        Check(nameof(Rank), Rank, Rank is >= 1 and <= 4096, "1 to 4096");
        Check(nameof(Alpha), Alpha, Alpha > 0 && double.IsFinite(Alpha), "above 0");
        Check(nameof(Dropout), Dropout, Dropout is >= 0 and < 1, "0 or more, below 1");
    }

    internal override double? OwnRate => 1e-3;

    internal override int? PromptLayers => 0;

    internal override int Length(int promptTokens) => 0;

    internal override TuningMethod CreateMethod(ModelConfig config, PromptEncoding prompt) => new LoraMethod(this, prompt.Reader.Linears);
}
