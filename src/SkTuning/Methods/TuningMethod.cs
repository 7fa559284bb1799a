using SkTuning.Batches;
using SkTuning.Models;
using static TorchSharp.torch;

namespace SkTuning.Methods;

/// <summary>A way of tuning: what it trains, and what it makes of that for the frozen model. It holds no state of its own.</summary>
internal abstract class TuningMethod
{
    /// <summary>The trainable tensors, by their names in the adapter file below "adapter.".</summary>
    public abstract IReadOnlyList<ParameterSpec> Parameters { get; }

    /// <summary>Positions that the method takes from the model's context.</summary>
    public abstract int Length { get; }

    /// <summary>True when what is injected begins the sequence, with the BOS of a causal model; else the text has its own.</summary>
    public virtual bool HoldsStart => Length > 0;

    /// <summary>
    /// What goes into the forward pass, one copy for all rows, with gradients to the parameters. It does not depend on the input: computed once a
    /// step in training, once for ever when baked. New tensors belong to the caller's dispose scope.
    /// </summary>
    /// <param name="parameters">The trained values.</param>
    /// <param name="training">Dropout is on.</param>
    public abstract Injection Inject(ParameterSet parameters, bool training);

    /// <summary>The pass over a batch.</summary>
    public virtual ForwardRequest Request(Transformer transformer, TokenBatch batch, Injection injection)
        => new() { Ids = batch.Ids, Mask = batch.Mask, TypeIds = batch.TypeIds, Injection = injection };

    /// <summary>Returns what a head runs the model with: this method's request and pooling for an injection.</summary>
    public ForwardPass Pass(Transformer transformer, Injection injection, ParameterSet parameters, bool training)
        => new(transformer, (batch, injected) => Request(transformer, batch, injected), injection, parameters, training) { Pooling = Pooling };

    /// <summary>A pooling of the method's own in place of the head's, of a result, with dropout or without, to [B,D]; null: the head pools.</summary>
    public virtual Func<ForwardResult, bool, Tensor>? Pooling => null;
}
