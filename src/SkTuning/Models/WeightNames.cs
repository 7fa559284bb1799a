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

    /// <summary>The LM head, by its full name.</summary>
    public string? Head { get; init; }

    /// <summary>A layer's prefix with {0} for its number, ending with a dot.</summary>
    public required string Layer { get; init; }

    public string? Query { get; init; }
    public string? Key { get; init; }
    public string? Value { get; init; }

    /// <summary>Queries, keys and values in one.</summary>
    public string? Fused { get; init; }
    public required string Output { get; init; }
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

    /// <summary>The router of a mixture, and an expert's prefix with {0} for its number, ending with a dot.</summary>
    public string? Router { get; init; }
    public string? Expert { get; init; }

    /// <summary>Ends of names that a checkpoint of the family may hold and this library does not use: buffers, task heads, poolers.</summary>
    public string[] Unused { get; init; } = [];
}
