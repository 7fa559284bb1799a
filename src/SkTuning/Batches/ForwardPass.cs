using SkTuning.Models;
using SkTuning.Native;
using static TorchSharp.torch;

namespace SkTuning.Batches;

/// <summary>How a head gets states: the frozen model with what a method injects, run over the batch that the head chooses.</summary>
/// <param name="Transformer">The frozen model.</param>
/// <param name="Request">Makes the request for a batch and an injection: the tuning method's.</param>
/// <param name="Injection">What it injects.</param>
/// <param name="Parameters">The trained values.</param>
/// <param name="Training">Dropout is on.</param>
internal sealed record ForwardPass(Transformer Transformer, Func<TokenBatch, Injection, ForwardRequest> Request, Injection Injection, ParameterSet Parameters, bool Training)
{
    /// <summary>The tuning method's own pooling of a result (with dropout or without) to [B,D]; null: the head pools.</summary>
    public Func<ForwardResult, bool, Tensor>? Pooling { get; init; }

    /// <summary>Word embeddings in place of those of the ids, [B,T,E]; a method that brings its own does not take them.</summary>
    public Tensor? Embeddings { get; init; }

    /// <summary>Keep the layers' inputs alone and compute the rest again in backward.</summary>
    public bool Recomputes { get; init; }

    /// <summary>Runs the model.</summary>
    /// <param name="batch">The rows.</param>
    /// <param name="change">What the head asks for beside, such as taps.</param>
    public ForwardResult Run(TokenBatch batch, Func<ForwardRequest, ForwardRequest>? change = null)
    {
        var request = Request(batch, Injection);
        if (Embeddings is not null)
            request = request.InputEmbeddings is null ? request with { InputEmbeddings = Embeddings } : throw new SkTuningException("The method brings word embeddings of its own: there is nothing that a gradient could be asked for.");
        if (change is not null) request = change(request);
        if (batch.Kept is { } kept && MayStart(request, kept)) request = request with { From = kept.From };
        return Transformer.Forward(Recomputes ? request with { RecomputesLayers = true } : request);
    }

    /// <summary>The request asks for nothing below the layer of the states that are kept, and changes nothing there.</summary>
    private bool MayStart(ForwardRequest request, CachedStates kept)
        => ReferenceEquals(request.Ids, kept.Ids) && ReferenceEquals(request.Injection, Injection) && request is { InputEmbeddings: null, PositionIds: null, KeepKeyValues: false } && Injection.InputPrompt is null
            && (request.Layers ?? Transformer.Config.Layers) >= kept.From.Layer && request.Taps?.Any(t => t < kept.From.Layer) != true;
}
