using SkTuning.Data;
using SkTuning.Heads;
using SkTuning.Models;
using SkTuning.Tuning;
using static TorchSharp.torch;

namespace SkTuning.Training;

/// <summary>A frozen model, a tuning method, a head, and what is trained of them. The frozen model is not its own.</summary>
internal sealed class TunedModel(Transformer transformer, TuningMethod method, LinearHead head, ParameterSet parameters) : IDisposable
{
    private Injection? _baked;
    private long _bakedVersion = -1;

    public ParameterSet Parameters => parameters;

    /// <summary>False when the head is all that is trained.</summary>
    public bool HasAdapter => method.Parameters.Count > 0;

    /// <summary>The trained tensors of method and head, with their starts.</summary>
    public static IEnumerable<ParameterSpec> Specs(TuningMethod method, LinearHead head)
        => [.. method.Parameters.Select(p => p with { Name = ParameterSet.AdapterPrefix + p.Name }), .. head.Parameters];

    /// <summary>Logits [B,C] with gradients to the parameters; <paramref name="training"/> turns dropout on.</summary>
    public Tensor Live(TokenBatch batch, bool training = false)
    {
        using var scope = NewDisposeScope();
        return LinearHead.Score(States(batch, method.Inject(parameters, training), training), parameters).MoveToOuterDisposeScope();
    }

    /// <summary>The same logits without the adapter's work: what it makes is computed once for each version of the parameters.</summary>
    public Tensor Baked(TokenBatch batch)
    {
        using var off = no_grad();
        using var scope = NewDisposeScope();
        return LinearHead.Score(States(batch, Bake(), training: false), parameters).MoveToOuterDisposeScope();
    }

    /// <summary>The pooled states that the head sees, [B,D], without gradients.</summary>
    public Tensor BakedStates(TokenBatch batch)
    {
        using var off = no_grad();
        using var scope = NewDisposeScope();
        return States(batch, Bake(), training: false).MoveToOuterDisposeScope();
    }

    private Tensor States(TokenBatch batch, Injection injection, bool training)
        => method.Pool(transformer.Forward(method.Request(transformer, batch, injection)), batch.Mask, head, training);

    /// <summary>The method's output as constants; never older than the parameters.</summary>
    public Injection Bake()
    {
        lock (parameters)
        {
            if (_baked is not null && _bakedVersion == parameters.Version) return _baked;
            using var off = no_grad();
            using var scope = NewDisposeScope();
            var injection = method.Inject(parameters, training: false).Copied(t => t.clone().DetachFromDisposeScope());
            Release();
            (_baked, _bakedVersion) = (injection, parameters.Version);
            return injection;
        }
    }

    private void Release()
    {
        _baked?.Copied(t => { t.Dispose(); return t; });
        _baked = null;
    }

    public void Dispose()
    {
        Release();
        parameters.Dispose();
    }
}
