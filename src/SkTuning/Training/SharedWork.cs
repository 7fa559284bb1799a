using System.Runtime.InteropServices;
using System.Security.Cryptography;
using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Models;
using SkTuning.Native;
using static TorchSharp.torch;

namespace SkTuning.Training;

/// <summary>
/// Shared results of several trainings on one base: prompts, tokenized rows, the head's features, fitted heads, and the states below the lowest trained layer.
/// The key of each result is everything it was computed from, so that an adapter gets exactly what it would have computed itself. Thread-safe: a training that
/// needs a result waits while another one computes it.
/// </summary>
internal sealed class SharedWork : IDisposable
{
    private readonly OnceTable<Tensor> _features = new();
    private readonly OnceTable<FittedHead> _heads = new();
    private readonly OnceTable<LowerLayerCache> _lowerLayers = new();
    private readonly System.Collections.Concurrent.ConcurrentBag<LowerLayerCache> _replaced = [];
    private int _running;

    /// <param name="model">The model.</param>
    /// <param name="owner">The public object that shares the results, which an <see cref="ObjectDisposedException"/> names.</param>
    public SharedWork(FrozenModel model, object owner) => (Model, Calls) = (model, new(owner, Release));

    /// <summary>The model.</summary>
    public FrozenModel Model { get; }

    /// <summary>Counts the calls that use the results.</summary>
    public CallCount Calls { get; }

    /// <summary>Prompts and rows.</summary>
    public SharedInputs Inputs { get; } = new();

    /// <summary>The number of results that were found and did not have to be computed again.</summary>
    public int Found => Inputs.Found + _features.Found + _heads.Found + _lowerLayers.Found;

    /// <summary>The number of trainings that are to run at the same time.</summary>
    public int Planned { get; set; } = 1;

    /// <summary>The number of trainings that may run at the same time: those planned, or those running if these are more.</summary>
    public int Parallel => Math.Max(Planned, Volatile.Read(ref _running));

    /// <summary>
    /// Begins a training, which ends when the result is disposed. Replaced caches are released when no training is left that may be reading them.
    /// </summary>
    public IDisposable Begin()
    {
        var call = Calls.Begin();
        Interlocked.Increment(ref _running);
        return new Running(this, call);
    }

    private void End()
    {
        if (Interlocked.Decrement(ref _running) == 0) DisposeReplaced();
    }

    private void DisposeReplaced()
    {
        while (_replaced.TryTake(out var cache)) cache.Dispose();
    }

    /// <summary>Returns the features of rows; this object owns them.</summary>
    /// <param name="head">What the features depend on in addition to the states.</param>
    /// <param name="tuned">The model that injects.</param>
    /// <param name="rows">The rows, in order.</param>
    /// <param name="make">Computes the features.</param>
    public Tensor Features(string head, TunedModel tuned, IReadOnlyList<EncodedRow> rows, Func<Tensor> make)
        => _features.Get($"{head}:{Hash(tuned)}:{RowHash.Of(rows, withAnswers: false)}", () => make().DetachFromDisposeScope());

    /// <summary>Fits a head to the features of rows: the first time by <paramref name="fit"/>, later by copying the fitted values.</summary>
    /// <param name="settings">What the fit depends on in addition to features, rows and present values.</param>
    /// <param name="tuned">The model that computes the features; its parameters hold the present values and then the fitted ones.</param>
    /// <param name="rows">The training and dev rows.</param>
    /// <param name="fit">Fits the head.</param>
    /// <param name="cancellationToken">Cancels the fit, which is then not kept.</param>
    public EpochResult? Head(string settings, TunedModel tuned, IEnumerable<EncodedRow> rows, Func<EpochResult?> fit, CancellationToken cancellationToken)
    {
        var key = $"{settings}:{tuned.FeatureKey}:{Hash(tuned)}:{Hash(tuned.Parameters.Values)}:{RowHash.Of(rows, withAnswers: true)}";
        EpochResult? result = null;
        var isNew = false;
        var fitted = _heads.Get(key, _ => true, _ =>
        {
            (result, isNew) = (fit(), true);
            return result is null || cancellationToken.IsCancellationRequested ? null : new(result, tuned.Parameters.Snapshot());
        });
        if (isNew) return result;
        tuned.Parameters.Restore(fitted!.Values);
        return fitted.Result;
    }

    /// <summary>Returns a cache of the states at a layer that holds all rows; this object owns it.</summary>
    public LowerLayerCache? LowerLayers(TunedModel tuned, int layer, IReadOnlyList<EncodedRow> rows, Func<IEnumerable<EncodedRow>, LowerLayerCache?> fill)
        => _lowerLayers.Get($"{layer}:{Hash(tuned.Bake(), layer)}", cache => cache.Holds(rows), before =>
        {
            var cache = fill(before is null ? rows : before.Rows.Concat(rows));
            if (cache is null) return null;
            if (before is not null && Volatile.Read(ref _running) > 1) _replaced.Add(before);      // another training may be reading it
            else before?.Dispose();
            return cache;
        });

    /// <summary>Hashes what a model injects: what is baked, and all values of an adapter that injects other tensors for each text.</summary>
    private static string Hash(TunedModel tuned)
        => Hash(tuned.Bake(), null) + (tuned.Method.ReadsText ? Hash(tuned.Parameters.Values.narrow(0, 0, tuned.Parameters.AdapterCount)) : "");

    /// <summary>Hashes the tensors of an injection: all of them, or those below a layer and what determines the positions of the text.</summary>
    private static string Hash(Injection injection, int? below)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(BitConverter.GetBytes(injection.PrefixLength));
        var part = below is not { } layer ? injection : injection with
        {
            InputPrompt = null,
            Prefix = injection.Prefix is null ? null : [.. injection.Prefix.Select((p, l) => l < layer ? p : null)],
            Memory = injection.Memory is null ? null : [.. injection.Memory.Select((m, l) => l < layer ? m : null)],
            Linears = injection.Linears?.Where(l => l.Key.Layer < layer).ToDictionary(),
            // Tensors that replace frozen ones are all trained: the layers below the cached states have none.
            Parameters = null,
        };
        part.Copied(t =>
        {
            Add(hash, t);
            return t;
        });
        foreach (var (l, memory) in (part.Memory ?? []).Index())
            if (memory is not null) hash.AppendData(BitConverter.GetBytes(l));
        foreach (var site in (part.Linears?.Keys ?? []).Select(k => k.ToString()).Order(StringComparer.Ordinal))
            hash.AppendData(System.Text.Encoding.UTF8.GetBytes(site));
        foreach (var name in (part.Parameters?.Keys ?? []).Order(StringComparer.Ordinal))
            hash.AppendData(System.Text.Encoding.UTF8.GetBytes(name));
        return Convert.ToHexString(hash.GetHashAndReset());
    }

    private static string Hash(Tensor values)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add(hash, values);
        return Convert.ToHexString(hash.GetHashAndReset());
    }

    private static void Add(IncrementalHash hash, Tensor values)
    {
        using var scope = NewDisposeScope();
        var read = values.detach().to_type(ScalarType.Float32).cpu().contiguous();
        hash.AppendData(MemoryMarshal.AsBytes(read.shape.AsSpan()));
        if (read.NumberOfElements > 0) hash.AppendData(read.bytes);
    }

    public void Dispose() => Calls.Dispose();

    private void Release()
    {
        DisposeReplaced();
        Inputs.Dispose();
        foreach (var features in _features.Values) features.Dispose();
        foreach (var head in _heads.Values) head.Values.Dispose();
        foreach (var cache in _lowerLayers.Values) cache.Dispose();
    }

    private sealed record FittedHead(EpochResult Result, Tensor Values);

    private sealed class Running(SharedWork shared, CallCount.Call call) : IDisposable
    {
        public void Dispose()
        {
            shared.End();
            call.Dispose();
        }
    }
}
