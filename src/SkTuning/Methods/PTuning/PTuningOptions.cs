using SkTuning.Methods.PTuning;
using SkTuning.Methods;
using SkTuning.Metrics;
using SkTuning.Models;
using SkTuning.Prompts;

namespace SkTuning;

/// <summary>The network between the trained vectors and the soft prompt.</summary>
public enum PTuningNetwork
{
    /// <summary>Three linears with two ReLUs between them.</summary>
    Mlp,

    /// <summary>A two-layer LSTM that reads the vectors from both ends, and two linears with a ReLU between them.</summary>
    Lstm,
}

/// <summary>P-tuning (arXiv 2103.10385): a soft prompt that a small network makes of trained vectors; both start at random. The network falls away once the adapter is baked.</summary>
public sealed record PTuningOptions : TuningOptions
{
    /// <inheritdoc/>
    public override string Name => "p-tuning";

    /// <summary>The network. Default: Mlp.</summary>
    public PTuningNetwork Network { get; init; } = PTuningNetwork.Mlp;

    /// <summary>How many vectors, 1 to 4096. Default: 20.</summary>
    public int Tokens { get; init; } = 20;

    /// <summary>The network's inner width, 1 to 16384; null: that of the word embeddings. Default: 64.</summary>
    public int? Width { get; init; } = 64;

    internal override void Validate()
    {
        Check(nameof(Tokens), Tokens, Tokens is >= 1 and <= 4096, "1 to 4096");
        Check(nameof(Width), Width, Width is null or (>= 1 and <= 16384), "1 to 16384");
    }

    internal override double? OwnRate => 1e-3;

    internal override int? PromptLayers => 0;

    internal override int Length(int promptTokens) => Tokens;

    internal override TuningMethod CreateMethod(ModelConfig config, PromptEncoding prompt) => new PTuningMethod(this, prompt.Reader.Embeddings.Size);
}
