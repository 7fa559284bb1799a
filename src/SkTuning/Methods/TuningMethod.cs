using SkTuning.Batches;
using SkTuning.Models;
using static TorchSharp.torch;

namespace SkTuning.Methods;

/// <summary>A tuning method: what it trains, and what it injects into the frozen model. It holds no trained values itself.</summary>
internal abstract class TuningMethod
{
    /// <summary>The trainable tensors. In the adapter file, their names are prefixed with "adapter.".</summary>
    public abstract IReadOnlyList<ParameterSpec> Parameters { get; }

    /// <summary>The number of positions of the model's context that the method occupies.</summary>
    public abstract int Length { get; }

    /// <summary>True if the injection begins the sequence and contains the BOS of a causal model; otherwise the text has its own.</summary>
    public virtual bool HoldsStart => Length > 0;

    /// <summary>
    /// Returns what is injected into the forward pass: one copy for all rows, with gradients to the parameters. It does not depend on the text: it is
    /// computed once per step in training, and only once when baked. New tensors belong to the caller's dispose scope.
    /// </summary>
    /// <param name="parameters">The trained values.</param>
    /// <param name="training">True in training, when dropout is applied.</param>
    public abstract Injection Inject(ParameterSet parameters, bool training);

    /// <summary>
    /// Returns a function that computes the rows of the injection for some labels alone, so that a step does not pay for all of them; null if the injection
    /// does not depend on labels.
    /// </summary>
    public virtual Func<IReadOnlyList<int>, Injection>? OfLabels(ParameterSet parameters, bool training) => null;

    /// <summary>Returns the request for a forward pass over a batch.</summary>
    public virtual ForwardRequest Request(Transformer transformer, TokenBatch batch, Injection injection)
        => new() { Ids = batch.Ids, Mask = batch.Mask, TypeIds = batch.TypeIds, Injection = injection };

    /// <summary>Returns what a head needs to run the model: the method's requests and pooling for an injection.</summary>
    public ForwardPass Pass(Transformer transformer, Injection injection, ParameterSet parameters, bool training)
        => new(transformer, (batch, injected) => Request(transformer, batch, injected), injection, parameters, training) { Pooling = Pooling };

    /// <summary>The method's own pooling of a result (with dropout or without) to [B,D]; null if the head pools.</summary>
    public virtual Func<ForwardResult, bool, Tensor>? Pooling => null;
}
