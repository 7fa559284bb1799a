namespace SkTuning.Serving;

/// <summary>The options of a <see cref="FrozenEmbeddingGenerator"/>.</summary>
public sealed record FrozenEmbeddingOptions
{
    /// <summary>
    /// Gets how the states of a text become one vector. The default is <see langword="null"/>: <see cref="Pooling.Last"/> for a causal model, whose last token
    /// has read the whole text, and <see cref="Pooling.Mean"/> for an encoder.
    /// </summary>
    public Pooling? Pooling { get; init; }

    /// <summary>
    /// Gets a value that indicates whether vectors have unit length, so that the product of two is their cosine similarity. The default is
    /// <see langword="true"/>.
    /// </summary>
    public bool Normalize { get; init; } = true;

    /// <summary>
    /// Gets the maximum number of tokens of a text that are read. The default is <see langword="null"/>: 512, or the context of the model if that is less.
    /// </summary>
    public int? MaxTokens { get; init; }

    /// <summary>Refuses values that cannot be used with any model.</summary>
    internal void Validate()
    {
        if (Pooling is { } pooling)
        {
            OptionCheck.IsDefined(nameof(FrozenEmbeddingOptions), nameof(Pooling), pooling);
            OptionCheck.That(nameof(FrozenEmbeddingOptions), nameof(Pooling), pooling, pooling != SkTuning.Pooling.Attention,
                "Mean, Last or First: the query of Attention is trained with an adapter");
        }
        if (MaxTokens is { } tokens) OptionCheck.That(nameof(FrozenEmbeddingOptions), nameof(MaxTokens), tokens, tokens >= 1, "1 or more");
    }
}
