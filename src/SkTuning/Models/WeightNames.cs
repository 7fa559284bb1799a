namespace SkTuning.Models;

/// <summary>
/// The names of the tensors in a family's checkpoint, without ".weight" and ".bias". They do not include the base prefix, except for the head, nor the prefix
/// of a layer (<see cref="Layer"/>). A name that is null does not exist in the family.
/// </summary>
internal sealed record WeightNames
{
    /// <summary>The prefixes that the names of the base model may have. The first one for which the word embeddings exist is used.</summary>
    public required string[] Prefixes { get; init; }

    public required string Embedding { get; init; }
    public string? Positions { get; init; }
    public string? TokenTypes { get; init; }
    public string? EmbeddingNorm { get; init; }

    /// <summary>The projection from the width of the word embeddings to the hidden size.</summary>
    public string? EmbeddingProjection { get; init; }
    public string? FinalNorm { get; init; }

    /// <summary>The projection after the final norm, from the hidden size to the width of the output.</summary>
    public string? OutputProjection { get; init; }

    /// <summary>The linear that a classifier applies to the first state; optional in a checkpoint.</summary>
    public string? Pooler { get; init; }

    /// <summary>The full name of the LM head.</summary>
    public string? Head { get; init; }

    /// <summary>The prefix of a layer, with {0} for its number, ending in a dot.</summary>
    public required string Layer { get; init; }

    /// <summary>The prefix of each layer, if it does not follow from the number. Layers with the same prefix share one set of weights (albert).</summary>
    public IReadOnlyList<string>? Layers { get; init; }

    /// <summary>Returns the prefix of the names of a layer.</summary>
    public string OfLayer(int layer)
        => Layers is null ? string.Format(System.Globalization.CultureInfo.InvariantCulture, Layer, layer) : Layers[layer];

    /// <summary>The table of <see cref="AttentionTrait.RelativeBuckets"/>.</summary>
    public string? RelativeBias { get; init; }

    /// <summary>The embeddings of distances (<see cref="AttentionTrait.Disentangled"/>), their norm, and the projections of a layer for them.</summary>
    public string? Distances { get; init; }
    public string? DistanceNorm { get; init; }
    public string? DistanceKey { get; init; }
    public string? DistanceQuery { get; init; }

    public string? Convolution { get; init; }
    public string? ConvolutionNorm { get; init; }

    /// <summary>The names that the masked-LM head may have. The first that exists is used.</summary>
    public IReadOnlyList<MaskedHeadNames> MaskedHeads { get; init; } = [];

    public string? Query { get; init; }
    public string? Key { get; init; }
    public string? Value { get; init; }

    /// <summary>Queries, keys and values in one weight.</summary>
    public string? Fused { get; init; }
    public required string Output { get; init; }

    /// <summary>The norm of queries; with {0}, one for each head.</summary>
    public string? QueryNorm { get; init; }
    public string? KeyNorm { get; init; }

    /// <summary>The norm before attention, or after its residual addition in a <see cref="BlockTrait.NormAfter"/> block.</summary>
    public string? AttentionNorm { get; init; }

    /// <summary>The norm on the output of attention, before it is added.</summary>
    public string? AttentionOutputNorm { get; init; }

    /// <summary>The norm before the feed-forward; null in a parallel block whose one norm serves both.</summary>
    public string? FeedForwardNorm { get; init; }

    /// <summary>The norm on the output of the feed-forward, before it is added.</summary>
    public string? FeedForwardOutputNorm { get; init; }

    /// <summary>The gate of a gated feed-forward, or gate and up in one weight.</summary>
    public string? Gate { get; init; }
    public string? Up { get; init; }
    public required string Down { get; init; }

    /// <summary>The router of a mixture, and the parts of its experts with {0} for the number.</summary>
    public string? Router { get; init; }
    public string? ExpertGate { get; init; }
    public string? ExpertUp { get; init; }
    public string? ExpertDown { get; init; }

    /// <summary>The ends of names that a checkpoint of the family may have and this library does not use: buffers, task heads, poolers.</summary>
    public string[] Unused { get; init; } = [];

    /// <summary>The starts of names that belong to other models in the same checkpoint, such as an image encoder.</summary>
    public string[] OtherModels { get; init; } = [];

    /// <summary>The heads of transformers' classifiers, for any family.</summary>
    public static string[] TaskHeads { get; } = ["score.weight", "score.bias", "classifier.weight", "classifier.bias", "qa_outputs.weight", "qa_outputs.bias"];
}

/// <summary>The full names of a masked-LM head.</summary>
/// <param name="Dense">The dense layer, without ending.</param>
/// <param name="Norm">The norm, without ending.</param>
/// <param name="Decoder">The matrix of a head that is not tied, with its ending.</param>
/// <param name="Biases">The bias of the logits, with its ending. It is one tensor with several names, of which a file may have any.</param>
internal sealed record MaskedHeadNames(string Dense, string Norm, string Decoder, params string[] Biases);
