using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Heads;
using SkTuning.Models;
using SkTuning.Prompts;
using static TorchSharp.torch;

namespace SkTuning.Training;

/// <summary>
/// What several adapters on one base need alike, made once: prompts that were read, rows as tokens, the head's features, states below the lowest trained layer. Everything is found by
/// what it was made of, so an adapter gets what it would have made itself. It is at work on the threads that <see cref="Use"/> it, as dispose scopes are; what one of them makes, the others wait for.
/// </summary>
internal sealed class SharedWork(FrozenModel model) : IDisposable
{
    [ThreadStatic] private static SharedWork? _current;

    private readonly ConcurrentDictionary<string, PromptEncoding> _prompts = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<(string, string?), EncodedRow>> _rows = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Tensor> _features = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, (EpochResult Result, Tensor Values)> _heads = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, LowerLayerCache> _bottoms = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Lock> _gates = new(StringComparer.Ordinal);
    private readonly ConcurrentBag<LowerLayerCache> _replaced = [];
    private int _found;

    /// <summary>How often something was found that would have been made again.</summary>
    public int Found => _found;

    /// <summary>How many trainings go on at the same time.</summary>
    public int AtOnce { get; set; } = 1;

    /// <summary>What this thread shares of a model; null for nothing.</summary>
    public static SharedWork? Of(FrozenModel model) => _current is { } current && ReferenceEquals(current.Model, model) ? current : null;

    /// <summary>The model.</summary>
    public FrozenModel Model => model;

    /// <summary>Lets go of what a training may have read that went on beside the one which replaced it.</summary>
    public void DisposeReplaced()
    {
        while (_replaced.TryTake(out var bottom)) bottom.Dispose();
    }

    /// <summary>Shares on this thread until the result is disposed.</summary>
    public IDisposable Use()
    {
        var before = _current;
        _current = this;
        return new End(() => _current = before);
    }

    /// <summary>A prompt that was read; the caller disposes it as its own.</summary>
    /// <param name="ids">Its tokens.</param>
    /// <param name="layers">How many layers read it.</param>
    /// <param name="read">Reads it.</param>
    /// <param name="seed">That of the random vectors in place of its own; null: there are none.</param>
    public PromptEncoding Prompt(IReadOnlyList<int> ids, int? layers, Func<PromptEncoding> read, ulong? seed = null)
        => Get(_prompts, $"{layers}:{seed}:{string.Join(',', ids)}", read).Retain();

    /// <summary>Where the rows of an encoder are kept by their texts.</summary>
    public ConcurrentDictionary<(string, string?), EncodedRow> Rows(string encoder) => Get(_rows, encoder, () => []);

    /// <summary>Features of rows; they stay this object's.</summary>
    /// <param name="head">What makes them of states.</param>
    /// <param name="model">What injects.</param>
    /// <param name="rows">The rows, in their order.</param>
    /// <param name="make">Makes them.</param>
    public Tensor Features(string head, TunedModel model, IReadOnlyList<EncodedRow> rows, Func<Tensor> make)
        => Get(_features, $"{head}:{Hash(model.Bake(), null)}:{RowHash.Of(rows, withAnswers: false)}", () => make().DetachFromDisposeScope());

    /// <summary>A head fitted to features of rows: the first time by <paramref name="fit"/>, then its values are put in place.</summary>
    /// <param name="settings">What, beside features, rows and the values before, decides how it is fitted.</param>
    /// <param name="model">What makes the features; its parameters are those before, and then those fitted.</param>
    /// <param name="rows">Train and dev.</param>
    /// <param name="fit">Fits.</param>
    /// <param name="cancel">Cuts it short: it is not kept then.</param>
    public EpochResult? Head(string settings, TunedModel model, IEnumerable<EncodedRow> rows, Func<EpochResult?> fit, CancellationToken cancel)
    {
        var key = $"{settings}:{model.FeatureKey}:{Hash(model.Bake(), null)}:{Hash(model.Parameters.Values)}:{RowHash.Of(rows, withAnswers: true)}";
        lock (Gate(_heads, key))
        {
            if (_heads.TryGetValue(key, out var there))
            {
                Interlocked.Increment(ref _found);
                model.Parameters.Restore(there.Values);
                return there.Result;
            }
            var result = fit();
            if (result is not null && !cancel.IsCancellationRequested) _heads[key] = (result, model.Parameters.Snapshot());
            return result;
        }
    }

    /// <summary>States at a layer that hold all rows; they stay this object's.</summary>
    public LowerLayerCache? Bottom(TunedModel model, int layer, IReadOnlyList<EncodedRow> rows, Func<IEnumerable<EncodedRow>, LowerLayerCache?> fill)
    {
        var key = $"{layer}:{Hash(model.Bake(), layer)}";
        lock (Gate(_bottoms, key))
        {
            var there = _bottoms.GetValueOrDefault(key);
            if (there?.Holds(rows) == true)
            {
                Interlocked.Increment(ref _found);
                return there;
            }
            var made = fill(there is null ? rows : there.Rows.Concat(rows));
            if (made is null) return null;
            if (there is not null && AtOnce > 1) _replaced.Add(there);                   // another training may be reading it
            else there?.Dispose();
            return _bottoms[key] = made;
        }
    }

    private T Get<T>(ConcurrentDictionary<string, T> all, string key, Func<T> make)
    {
        lock (Gate(all, key))
        {
            if (!all.TryGetValue(key, out var there)) return all[key] = make();
            Interlocked.Increment(ref _found);
            return there;
        }
    }

    /// <summary>Whoever wants a thing waits for it where it is being made. Heads are made of features, and these of prompts, never the other way.</summary>
    private Lock Gate<T>(ConcurrentDictionary<string, T> all, string key) => _gates.GetOrAdd($"{typeof(T).Name}:{key}", _ => new());

    /// <summary>Of the tensors of an injection: all of them, or those below a layer with what places the text.</summary>
    private static string Hash(Injection injection, int? below)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(BitConverter.GetBytes(injection.PrefixLength));
        var part = below is not { } layer ? injection : injection with
        {
            InputPrompt = null,
            Prefix = injection.Prefix is null ? null : [.. injection.Prefix.Select((p, l) => l < layer ? p : null)],
            Linears = injection.Linears?.Where(l => l.Key.Layer < layer).ToDictionary(),
            // Tensors in place of frozen ones are trained, all of them: those of the layers that are kept do not exist.
            Parameters = null,
        };
        part.Copied(t =>
        {
            Add(hash, t);
            return t;
        });
        foreach (var place in (part.Linears?.Keys ?? []).Select(k => k.ToString()).Order(StringComparer.Ordinal)) hash.AppendData(System.Text.Encoding.UTF8.GetBytes(place));
        foreach (var name in (part.Parameters?.Keys ?? []).Order(StringComparer.Ordinal)) hash.AppendData(System.Text.Encoding.UTF8.GetBytes(name));
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

    public void Dispose()
    {
        DisposeReplaced();
        foreach (var prompt in _prompts.Values) prompt.Dispose();
        foreach (var features in _features.Values) features.Dispose();
        foreach (var (_, values) in _heads.Values) values.Dispose();
        foreach (var bottom in _bottoms.Values) bottom.Dispose();
    }

    private sealed class End(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}
