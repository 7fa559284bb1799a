using SkTuning.Data;
using SkTuning.Models;
using static TorchSharp.torch;

namespace SkTuning.Tuning;

/// <summary>How a head gets states: the frozen model with what a method injects, run over the batch that the head chooses.</summary>
/// <param name="Transformer">The frozen model.</param>
/// <param name="Method">What decides the request.</param>
/// <param name="Injection">What it injects.</param>
/// <param name="Parameters">The trained values.</param>
/// <param name="Training">Dropout is on.</param>
internal sealed record ForwardPass(Transformer Transformer, TuningMethod Method, Injection Injection, ParameterSet Parameters, bool Training)
{
    /// <summary>Word embeddings in place of those of the ids, [B,T,E]; a method that brings its own does not take them.</summary>
    public Tensor? Embeddings { get; init; }

    /// <summary>Keep the layers' inputs alone and compute the rest again in backward.</summary>
    public bool Recomputes { get; init; }

    /// <summary>Runs the model.</summary>
    /// <param name="batch">The rows.</param>
    /// <param name="change">What the head asks for beside, such as taps.</param>
    public ForwardResult Run(TokenBatch batch, Func<ForwardRequest, ForwardRequest>? change = null)
    {
        var request = Method.Request(Transformer, batch, Injection);
        if (Embeddings is not null)
            request = request.InputEmbeddings is null ? request with { InputEmbeddings = Embeddings } : throw new SkTuningException("The method brings word embeddings of its own: there is nothing that a gradient could be asked for.");
        if (change is not null) request = change(request);
        if (batch.Kept is { } kept && MayStart(request, kept)) request = request with { From = kept.From };
        return Transformer.Forward(Recomputes ? request with { RecomputesLayers = true } : request);
    }

    /// <summary>The request asks for nothing below the layer of the states that are kept, and changes nothing there.</summary>
    private bool MayStart(ForwardRequest request, KeptStates kept)
        => ReferenceEquals(request.Ids, kept.Ids) && ReferenceEquals(request.Injection, Injection) && request is { InputEmbeddings: null, PositionIds: null, KeepKeyValues: false } && Injection.InputPrompt is null
            && (request.Layers ?? Transformer.Config.Layers) >= kept.From.Layer && request.Taps?.Any(t => t < kept.From.Layer) != true;
}
