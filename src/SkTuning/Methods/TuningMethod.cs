using SkTuning.Batches;
using SkTuning.Models;
using SkTuning.Prompts;
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
    /// computed once per step in training, and only once when baked. <see cref="ForRows"/> changes it for the rows of a batch. New tensors belong to the
    /// caller's dispose scope.
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

    /// <summary>
    /// Returns the injection for the rows of a batch, which may have a tensor for each row. Most methods inject the same for every row, and once it is trained
    /// every method must unless it <see cref="ReadsText"/>. New tensors belong to the caller's dispose scope.
    /// </summary>
    /// <param name="injection">The result of <see cref="Inject"/>, or a baked copy of it.</param>
    /// <param name="batch">The rows.</param>
    /// <param name="parameters">The trained values.</param>
    /// <param name="training">True in training, when dropout is applied.</param>
    public virtual Injection ForRows(Injection injection, TokenBatch batch, ParameterSet parameters, bool training) => injection;

    /// <summary>
    /// True if a trained method injects other values for each text. What is baked is then not all of it: it cannot be exported, shares no batch with other
    /// adapters, and no states are kept.
    /// </summary>
    public virtual bool ReadsText => false;

    /// <summary>
    /// Finds the part of the prompt that is the demonstration of a row itself, which the row must not see while the adapter is trained; null at any other time.
    /// </summary>
    public virtual Func<EncodedRow, PromptPart?>? OwnDemonstration { get; set; }

    /// <summary>What is distilled into the method before labels train it; null if nothing is.</summary>
    public virtual Distillation? Distillation => null;

    /// <summary>Returns what a head needs to run the model: the method's requests and pooling for an injection.</summary>
    public ForwardPass Pass(Transformer transformer, Injection injection, ParameterSet parameters, bool training)
        => new(transformer, (batch, injected) => Request(transformer, batch, ForRows(injected, batch, parameters, training)), injection, parameters, training)
        {
            Pooling = Pooling,
        };

    /// <summary>The method's own pooling of a result (with dropout or without) to [B,D]; null if the head pools.</summary>
    public virtual Func<ForwardResult, bool, Tensor>? Pooling => null;
}
