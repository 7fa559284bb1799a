using SkTuning.Heads;

namespace SkTuning.Models;

/// <summary>
/// Where a family's checkpoint keeps what, without ".weight" and ".bias". Names below the base prefix, except the head's. A layer's names are
/// below <see cref="Layer"/>. What is null is not there.
/// </summary>
internal sealed record WeightNames
{
    /// <summary>What may stand before every name of the base model; the first with which the embedding is found is taken.</summary>
    public required string[] Prefixes { get; init; }

    public required string Embedding { get; init; }
    public string? Positions { get; init; }
    public string? TokenTypes { get; init; }
    public string? EmbeddingNorm { get; init; }

    /// <summary>From the word embedding's width to the hidden size.</summary>
    public string? EmbeddingProjection { get; init; }
    public string? FinalNorm { get; init; }

    /// <summary>Behind the final norm, from the hidden size to the output's.</summary>
    public string? OutputProjection { get; init; }

    /// <summary>What a classifier sees the first state through, where a checkpoint has it.</summary>
    public string? Pooler { get; init; }

    /// <summary>The LM head, by its full name.</summary>
    public string? Head { get; init; }

    /// <summary>A layer's prefix with {0} for its number, ending with a dot.</summary>
    public required string Layer { get; init; }

    /// <summary>Each layer's prefix where its number does not give it; layers with the same prefix share one set of weights (albert).</summary>
    public IReadOnlyList<string>? Layers { get; init; }

    /// <summary>The prefix of a layer's names.</summary>
    public string OfLayer(int layer) => Layers is null ? string.Format(System.Globalization.CultureInfo.InvariantCulture, Layer, layer) : Layers[layer];

    /// <summary>The table of <see cref="AttentionTrait.RelativeBuckets"/>.</summary>
    public string? RelativeBias { get; init; }

    /// <summary>The embeddings of distances, their norm, and a layer's own projections of them (<see cref="AttentionTrait.Disentangled"/>).</summary>
    public string? Distances { get; init; }
    public string? DistanceNorm { get; init; }
    public string? DistanceKey { get; init; }
    public string? DistanceQuery { get; init; }

    public string? Convolution { get; init; }
    public string? ConvolutionNorm { get; init; }

    /// <summary>Where the masked-LM head may be; the first that is there is taken.</summary>
    public IReadOnlyList<MaskedHeadNames> MaskedHeads { get; init; } = [];

    public string? Query { get; init; }
    public string? Key { get; init; }
    public string? Value { get; init; }

    /// <summary>Queries, keys and values in one.</summary>
    public string? Fused { get; init; }
    public required string Output { get; init; }

    /// <summary>With {0}, a weight a head.</summary>
    public string? QueryNorm { get; init; }
    public string? KeyNorm { get; init; }

    /// <summary>Before attention; behind it and its residual where the block is <see cref="BlockTrait.NormAfter"/>.</summary>
    public string? AttentionNorm { get; init; }

    /// <summary>On attention's output, before it is added.</summary>
    public string? AttentionOutputNorm { get; init; }

    /// <summary>Before the feed-forward; null in a parallel block: the attention's norm serves both.</summary>
    public string? FeedForwardNorm { get; init; }

    /// <summary>On the feed-forward's output, before it is added.</summary>
    public string? FeedForwardOutputNorm { get; init; }

    /// <summary>The first factor of a gated feed-forward, or of gate and up in one.</summary>
    public string? Gate { get; init; }
    public string? Up { get; init; }
    public required string Down { get; init; }

    /// <summary>The router of a mixture, and its experts' parts with {0} for the number.</summary>
    public string? Router { get; init; }
    public string? ExpertGate { get; init; }
    public string? ExpertUp { get; init; }
    public string? ExpertDown { get; init; }

    /// <summary>Ends of names that a checkpoint of the family may hold and this library does not use: buffers, task heads, poolers.</summary>
    public string[] Unused { get; init; } = [];

    /// <summary>Starts of names of other models in the same checkpoint, such as the part that reads pictures.</summary>
    public string[] OtherModels { get; init; } = [];

    /// <summary>Heads of transformers' classifiers, whatever the family.</summary>
    public static string[] TaskHeads { get; } = ["score.weight", "score.bias", "classifier.weight", "classifier.bias", "qa_outputs.weight", "qa_outputs.bias"];
}

/// <summary>A masked-LM head's names, in full.</summary>
/// <param name="Dense">Without its ending.</param>
/// <param name="Norm">Without its ending.</param>
/// <param name="Decoder">The matrix, for models whose head is not tied, with its ending.</param>
/// <param name="Biases">The logits' bias with its ending; one tensor under several names, of which a file may hold any.</param>
internal sealed record MaskedHeadNames(string Dense, string Norm, string Decoder, params string[] Biases);
