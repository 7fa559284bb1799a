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
    /// <summary>Runs the model.</summary>
    /// <param name="batch">The rows.</param>
    /// <param name="change">What the head asks for beside, such as taps.</param>
    public ForwardResult Run(TokenBatch batch, Func<ForwardRequest, ForwardRequest>? change = null)
    {
        var request = Method.Request(Transformer, batch, Injection);
        return Transformer.Forward(change is null ? request : change(request));
    }

    /// <summary>The method's own pooling of a result, [B,D], where it insists on one.</summary>
    public Tensor? Pooled(ForwardResult result) => Method.Pooled(result, Training);
}
