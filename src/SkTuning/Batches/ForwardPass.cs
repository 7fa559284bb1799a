using SkTuning.Models;
using static TorchSharp.torch;

namespace SkTuning.Batches;

/// <summary>A pass that provides a head with states: the frozen model, with what a method injects, over a batch that the head chooses.</summary>
/// <param name="Transformer">The frozen model.</param>
/// <param name="Request">The tuning method's function that creates the request for a batch and an injection.</param>
/// <param name="Injection">What the method injects.</param>
/// <param name="Parameters">The trained values.</param>
/// <param name="Training">True to apply dropout.</param>
internal sealed record ForwardPass(
    Transformer Transformer, Func<TokenBatch, Injection, ForwardRequest> Request, Injection Injection, ParameterSet Parameters, bool Training)
{
    /// <summary>The tuning method's own pooling of a result (with or without dropout) to [B,D]; null if the head pools.</summary>
    public Func<ForwardResult, bool, Tensor>? Pooling { get; init; }

    /// <summary>Computes the injection of some labels, as its rows, in place of <see cref="Injection"/>; null if that holds everything.</summary>
    public Func<IReadOnlyList<int>, Injection>? OfLabels { get; init; }

    /// <summary>Word embeddings in place of those of the ids, [B,T,E]. A method that sets its own embeddings does not accept them.</summary>
    public Tensor? Embeddings { get; init; }

    /// <summary>Answers the request in place of the model, such as from a pass over more rows; null: the model does.</summary>
    public Func<ForwardRequest, ForwardResult>? Answer { get; init; }

    /// <summary>Keeps only the inputs of the layers and recomputes the rest in the backward pass.</summary>
    public bool Recomputes { get; init; }

    /// <summary>Runs the model.</summary>
    /// <param name="batch">The rows.</param>
    /// <param name="change">Changes the request to what the head needs, such as taps.</param>
    public ForwardResult Run(TokenBatch batch, Func<ForwardRequest, ForwardRequest>? change = null)
    {
        var request = Request(batch, Injection);
        if (Embeddings is not null)
        {
            request = request.InputEmbeddings is null ? request with { InputEmbeddings = Embeddings }
                : throw new SkTuningException("The method sets its own word embeddings: gradients with respect to those of the text cannot be computed.");
        }
        if (change is not null) request = change(request);
        if (Answer is not null) return Answer(request);
        if (batch.CachedStates is { } cached && CanStartFrom(cached, request)) request = request with { From = cached.From };
        return Transformer.Forward(Recomputes ? request with { RecomputesLayers = true } : request);
    }

    /// <summary>Returns true if the request needs nothing from below the layer of the cached states and changes nothing there.</summary>
    private bool CanStartFrom(CachedStates cached, ForwardRequest request)
        => ReferenceEquals(request.Ids, cached.Ids) && ReferenceEquals(request.Injection, Injection)
            && request is { InputEmbeddings: null, PositionIds: null, KeepKeyValues: false } && Injection.InputPrompt is null
            && (request.Layers ?? Transformer.Config.Layers) >= cached.From.Layer && request.Taps?.Any(t => t < cached.From.Layer) != true;
}
