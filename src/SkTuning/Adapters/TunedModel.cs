using SkTuning.Batches;
using SkTuning.Heads;
using SkTuning.Methods;
using SkTuning.Models;
using SkTuning.Tasks;
using static TorchSharp.torch;

namespace SkTuning.Adapters;

/// <summary>A frozen model with a tuning method, a head and their trained values. It does not own the frozen model.</summary>
internal sealed class TunedModel(Transformer transformer, TuningMethod method, Head head, ParameterSet parameters) : IDisposable
{
    private Injection? _baked;
    private long _bakedVersion = -1;

    public ParameterSet Parameters => parameters;

    /// <summary>The frozen model.</summary>
    public Transformer Transformer => transformer;

    /// <summary>What determines the head's features in addition to the states; null if they must not be shared.</summary>
    public string? FeatureKey { get; init; }

    /// <summary>Training passes keep only the inputs of the layers and recompute the rest in the backward pass.</summary>
    public bool RecomputesActivations { get; set; }

    /// <summary>What training steps minimize in place of the loss of the head; null if it is that loss.</summary>
    public FeatureLoss? FeatureLoss { get; set; }

    /// <summary>Texts without labels that a distillation learns from beside the training rows.</summary>
    public IReadOnlyList<EncodedRow> DistillationTexts { get; set; } = [];

    /// <summary>Limits the rows of passes without gradients; null: they are not limited.</summary>
    public PassMemory? PassMemory => PassMemory.Of(transformer, method.Length);

    /// <summary>The method.</summary>
    public TuningMethod Method => method;

    /// <summary>The head.</summary>
    public Head Head => head;

    /// <summary>True if more is trained than a readout of features that can be cached.</summary>
    public bool HasAdapter => method.Parameters.Count > 0 || head.TrainsFeatures;

    /// <summary>Returns the tensors of the method and the head, with their start values.</summary>
    public static IEnumerable<ParameterSpec> Specs(TuningMethod method, Head head)
        =>
        [
            .. method.Parameters.Select(p => p with { Name = ParameterSet.AdapterPrefix + p.Name, Group = ParameterGroup.Adapter }),
            .. head.Parameters.Select(p => p with { Group = ParameterGroup.Head }),
            .. head.Constants.Select(p => p with { Group = ParameterGroup.Constant }),
        ];

    /// <summary>Returns the scores of a batch, [M,C], with gradients with respect to the parameters; <paramref name="training"/> applies dropout.</summary>
    public Tensor Live(TokenBatch batch, bool training = false)
    {
        using var scope = NewDisposeScope();
        return head.Scores(Pass(method.Inject(parameters, training), training), batch).MoveToOuterDisposeScope();
    }

    /// <summary>Returns the loss of a training step, with gradients with respect to the parameters.</summary>
    public Tensor Loss(TokenBatch batch, Tensor targets, Objective objective)
    {
        using var scope = NewDisposeScope();
        var ofLabels = head.ChoosesLabels(batch, objective) ? method.OfLabels(parameters, training: true) : null;
        var pass = Pass(ofLabels is null ? method.Inject(parameters, training: true) : Injection.None, training: true) with { OfLabels = ofLabels };
        return (FeatureLoss?.Of(pass, batch, targets, objective) ?? head.Loss(pass, batch, targets, objective)).MoveToOuterDisposeScope();
    }

    /// <summary>Returns the same scores without gradients; what the method injects is computed only once for each version of the parameters.</summary>
    public Tensor Baked(TokenBatch batch)
    {
        using var off = no_grad();
        using var scope = NewDisposeScope();
        return head.Scores(Pass(Bake(), training: false), batch).MoveToOuterDisposeScope();
    }

    /// <summary>Returns the same scores, and beside them the features of the rows that can be compared, if the head has some: [M, C + D].</summary>
    public Tensor BakedWithFeatures(TokenBatch batch) => BakedWithFeatures(batch, null);

    /// <summary>Returns the scores, with features or without, with a function that answers requests in place of the model.</summary>
    public Tensor BakedBy(Func<ForwardRequest, ForwardResult> answer, TokenBatch batch, bool withFeatures)
    {
        if (withFeatures) return BakedWithFeatures(batch, answer);
        using var off = no_grad();
        using var scope = NewDisposeScope();
        return head.Scores(Pass(Bake(), training: false) with { Answer = answer }, batch).MoveToOuterDisposeScope();
    }

    private Tensor BakedWithFeatures(TokenBatch batch, Func<ForwardRequest, ForwardResult>? answer)
    {
        using var off = no_grad();
        using var scope = NewDisposeScope();
        var features = head.Features(Pass(Bake(), training: false) with { Answer = answer }, batch);
        var scores = batch.OfRows(head.Readout(features, parameters));
        var mapped = head.DistanceMap(parameters, features) is { } map ? batch.OfRows(map.Map(features)).to_type(scores.dtype) : null;
        return (mapped is null ? scores : cat([scores, mapped], 1)).MoveToOuterDisposeScope();
    }

    /// <summary>Returns the scores of a batch with the given word embeddings, with gradients with respect to them.</summary>
    public Tensor BakedFrom(TokenBatch batch, Tensor embeddings)
    {
        using var scope = NewDisposeScope();
        return head.Scores(Pass(Bake(), training: false) with { Embeddings = embeddings }, batch).MoveToOuterDisposeScope();
    }

    /// <summary>Returns the scores of a batch with another injection, with gradients with respect to its tensors.</summary>
    public Tensor BakedWith(TokenBatch batch, Injection injection)
    {
        using var scope = NewDisposeScope();
        return head.Scores(Pass(injection, training: false), batch).MoveToOuterDisposeScope();
    }

    /// <summary>Returns the head's features, [M,..], without gradients, of rows with one window each.</summary>
    public Tensor BakedFeatures(TokenBatch batch)
    {
        using var off = no_grad();
        using var scope = NewDisposeScope();
        return head.Features(Pass(Bake(), training: false), batch).MoveToOuterDisposeScope();
    }

    /// <summary>Converts features to scores [M,C].</summary>
    public Tensor Readout(Tensor features) => head.Readout(features, parameters);

    private ForwardPass Pass(Injection injection, bool training)
        => method.Pass(transformer, injection, parameters, training) with { Recomputes = training && RecomputesActivations };

    /// <summary>Returns what the method injects as constants, computed from the present parameters.</summary>
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
        _baked?.Copied(t =>
        {
            t.Dispose();
            return t;
        });
        _baked = null;
    }

    public void Dispose()
    {
        Release();
        parameters.Dispose();
    }
}
