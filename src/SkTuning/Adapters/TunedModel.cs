using SkTuning.Batches;
using SkTuning.Heads;
using SkTuning.Methods;
using SkTuning.Models;
using SkTuning.Tasks;
using static TorchSharp.torch;

namespace SkTuning.Adapters;

/// <summary>A frozen model, a tuning method, a head, and what is trained of them. The frozen model is not its own.</summary>
internal sealed class TunedModel(Transformer transformer, TuningMethod method, Head head, ParameterSet parameters) : IDisposable
{
    private Injection? _baked;
    private long _bakedVersion = -1;

    public ParameterSet Parameters => parameters;

    /// <summary>The frozen model.</summary>
    public Transformer Transformer => transformer;

    /// <summary>What, beside states, decides the head's features; null: they are not to be shared.</summary>
    public string? FeatureKey { get; init; }

    /// <summary>Training passes keep the layers' inputs alone and compute the rest again in backward.</summary>
    public bool RecomputesActivations { get; set; }

    /// <summary>The method.</summary>
    public TuningMethod Method => method;

    /// <summary>The head.</summary>
    public Head Head => head;

    /// <summary>True when more is trained than a readout of features that can be kept.</summary>
    public bool HasAdapter => method.Parameters.Count > 0 || head.TrainsFeatures;

    /// <summary>The trained tensors of method and head, with their starts.</summary>
    public static IEnumerable<ParameterSpec> Specs(TuningMethod method, Head head)
        =>
        [
            .. method.Parameters.Select(p => p with { Name = ParameterSet.AdapterPrefix + p.Name, Group = ParameterGroup.Adapter }),
            .. head.Parameters.Select(p => p with { Group = ParameterGroup.Head }),
        ];

    /// <summary>Scores [M,C] with gradients to the parameters; <paramref name="training"/> turns dropout on.</summary>
    public Tensor Live(TokenBatch batch, bool training = false)
    {
        using var scope = NewDisposeScope();
        return head.Scores(Pass(method.Inject(parameters, training), training), batch).MoveToOuterDisposeScope();
    }

    /// <summary>The loss of a training step, with gradients to the parameters.</summary>
    public Tensor Loss(TokenBatch batch, Tensor targets, Objective objective)
    {
        using var scope = NewDisposeScope();
        return head.Loss(Pass(method.Inject(parameters, training: true), training: true), batch, targets, objective).MoveToOuterDisposeScope();
    }

    /// <summary>The same scores without the adapter's work: what it makes is computed once for each version of the parameters.</summary>
    public Tensor Baked(TokenBatch batch)
    {
        using var off = no_grad();
        using var scope = NewDisposeScope();
        return head.Scores(Pass(Bake(), training: false), batch).MoveToOuterDisposeScope();
    }

    /// <summary>The scores of a batch whose word embeddings are given, with gradients to them.</summary>
    public Tensor BakedFrom(TokenBatch batch, Tensor embeddings)
    {
        using var scope = NewDisposeScope();
        return head.Scores(Pass(Bake(), training: false) with { Embeddings = embeddings }, batch).MoveToOuterDisposeScope();
    }

    /// <summary>What the head's readout sees, [M,..], without gradients, of rows in one window each.</summary>
    public Tensor BakedFeatures(TokenBatch batch)
    {
        using var off = no_grad();
        using var scope = NewDisposeScope();
        return head.Features(Pass(Bake(), training: false), batch).MoveToOuterDisposeScope();
    }

    /// <summary>Features to scores [M,C].</summary>
    public Tensor Readout(Tensor features) => head.Readout(features, parameters);

    private ForwardPass Pass(Injection injection, bool training) => method.Pass(transformer, injection, parameters, training) with { Recomputes = training && RecomputesActivations };

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
