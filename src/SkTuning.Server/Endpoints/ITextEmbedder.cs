namespace SkTuning.Server.Endpoints;

/// <summary>Turns texts into vectors for <c>/v1/embeddings</c>.</summary>
internal interface ITextEmbedder
{
    /// <summary>Returns one vector for each text, and the number of tokens that were read.</summary>
    Task<(IReadOnlyList<ReadOnlyMemory<float>> Vectors, long Tokens)> EmbedAsync(IReadOnlyList<string> texts, CancellationToken cancellationToken);
}
