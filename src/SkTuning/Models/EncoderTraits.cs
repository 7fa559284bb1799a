namespace SkTuning.Models;

/// <summary>Half of the buckets for keys before the query, half for those behind; near distances have one each, far ones share by their logarithm.</summary>
/// <param name="Rows">The table's rows.</param>
/// <param name="Buckets">How many of them are in use.</param>
/// <param name="Farthest">From this distance on all are alike.</param>
internal sealed record RelativeBucketsTrait(int Rows, int Buckets, int Farthest);

/// <summary>DeBERTa's attention: an embedding for each distance between query and key meets the contents of both.</summary>
internal sealed record DisentangledTrait
{
    /// <summary>Distances each way that have an embedding; the table has twice as many rows.</summary>
    public required int Span { get; init; }

    /// <summary>Distances beyond half the span share rows by their logarithm, up to this one; null: each has its own, cut at the span.</summary>
    public int? LogarithmicUpTo { get; init; }

    /// <summary>The query meets the distance.</summary>
    public required bool ContentToPosition { get; init; }

    /// <summary>The key meets the distance.</summary>
    public required bool PositionToContent { get; init; }

    /// <summary>Distances go through the contents' own query and key projections.</summary>
    public required bool SharedProjections { get; init; }

    /// <summary>The embeddings of distances are normalised.</summary>
    public required bool Norm { get; init; }
}

/// <param name="Kernel">Tokens that one output sees, an odd number.</param>
/// <param name="Groups">Channels are split into so many.</param>
/// <param name="Activation">Behind it.</param>
internal sealed record ConvolutionTrait(int Kernel, int Groups, Activation Activation);

/// <summary>decoder(norm(act(dense x))) + bias.</summary>
/// <param name="Activation">Behind the dense.</param>
/// <param name="Norm">Behind the activation.</param>
/// <param name="Tied">The decoder is the word embedding's matrix.</param>
/// <param name="DenseBias">A bias of the dense.</param>
/// <param name="Bias">A bias of the logits.</param>
internal sealed record MaskedHeadTrait(Activation Activation, NormTrait Norm, bool Tied, bool DenseBias = true, bool Bias = true);

/// <param name="Groups">Sets of weights, each serving the layers of one part of the depth.</param>
/// <param name="Inner">Different layers in a set, run one after the other.</param>
internal sealed record SharedLayersTrait(int Groups, int Inner);
