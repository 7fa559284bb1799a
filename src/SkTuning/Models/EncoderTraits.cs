namespace SkTuning.Models;

/// <summary>
/// Buckets of distances: half of them for keys before the query, half for keys after it. Near distances have a bucket each, far ones share buckets by their
/// logarithm.
/// </summary>
/// <param name="Rows">The number of rows in the table.</param>
/// <param name="Buckets">The number of rows in use.</param>
/// <param name="Farthest">The distance from which all keys share the last bucket.</param>
internal sealed record RelativeBucketsTrait(int Rows, int Buckets, int Farthest);

/// <summary>DeBERTa's attention: an embedding for each distance between query and key is compared with the contents of both.</summary>
internal sealed record DisentangledTrait
{
    /// <summary>The number of distances in each direction that have an embedding. The table has twice as many rows.</summary>
    public required int Span { get; init; }

    /// <summary>
    /// The largest distance, if distances beyond half the span share rows by their logarithm; null: each distance has its own row, clipped at the span.
    /// </summary>
    public int? LogarithmicUpTo { get; init; }

    /// <summary>Whether queries are compared with distances.</summary>
    public required bool ContentToPosition { get; init; }

    /// <summary>Whether keys are compared with distances.</summary>
    public required bool PositionToContent { get; init; }

    /// <summary>Whether distances go through the query and key projections of the contents.</summary>
    public required bool SharedProjections { get; init; }

    /// <summary>Whether the embeddings of distances are normalized.</summary>
    public required bool Norm { get; init; }
}

/// <summary>A convolution over the embeddings.</summary>
/// <param name="Kernel">The number of tokens that one output sees, an odd number.</param>
/// <param name="Groups">The number of groups of channels.</param>
/// <param name="Activation">The activation after the convolution.</param>
internal sealed record ConvolutionTrait(int Kernel, int Groups, Activation Activation);

/// <summary>A masked-LM head: decoder(norm(act(dense x))) + bias.</summary>
/// <param name="Activation">The activation after the dense layer.</param>
/// <param name="Norm">The norm after the activation.</param>
/// <param name="Tied">Whether the decoder is the matrix of the word embeddings.</param>
/// <param name="DenseBias">Whether the dense layer has a bias.</param>
/// <param name="Bias">Whether the logits have a bias.</param>
internal sealed record MaskedHeadTrait(Activation Activation, NormTrait Norm, bool Tied, bool DenseBias = true, bool Bias = true);

/// <summary>Layers that share weights.</summary>
/// <param name="Groups">The number of sets of weights, each of which serves a run of consecutive layers.</param>
/// <param name="Inner">The number of different layers in a set, which run one after the other.</param>
internal sealed record SharedLayersTrait(int Groups, int Inner);
