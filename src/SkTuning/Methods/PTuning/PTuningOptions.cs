using SkTuning.Methods;
using SkTuning.Methods.PTuning;
using SkTuning.Models;
using SkTuning.Prompts;

namespace SkTuning;

/// <summary>Specifies the network between the trained vectors and the soft prompt.</summary>
public enum PTuningNetwork
{
    /// <summary>Three linear layers with ReLUs between them.</summary>
    Mlp,

    /// <summary>A bidirectional LSTM with two layers, followed by two linear layers with a ReLU between them.</summary>
    Lstm,
}

/// <summary>
/// The options of P-tuning (arXiv 2103.10385): a small network computes a soft prompt from trained vectors; both start at random. The network
/// is not needed once the adapter is baked.
/// </summary>
public sealed record PTuningOptions : TuningOptions
{
    /// <inheritdoc/>
    public override string Name => "p-tuning";

    /// <summary>The network. The default is <see cref="PTuningNetwork.Mlp"/>.</summary>
    public PTuningNetwork Network { get; init; } = PTuningNetwork.Mlp;

    /// <summary>The number of vectors, from 1 to 4096. The default is 20.</summary>
    public int Tokens { get; init; } = 20;

    /// <summary>
    /// The number of hidden units of the network, from 1 to 16384; <see langword="null"/> for the size of the word embeddings. The default is 64.
    /// </summary>
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
