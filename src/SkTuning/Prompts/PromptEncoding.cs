using SkTuning.Data;
using SkTuning.Models;
using SkTuning.Native;
using static TorchSharp.torch;

namespace SkTuning.Prompts;

/// <summary>What the frozen model understood of a prompt: read once, zero-shot, without gradients, at positions 0..P-1.</summary>
internal sealed class PromptEncoding : IDisposable
{
    private PromptEncoding(Transformer reader, IReadOnlyList<int> ids, Tensor words, IReadOnlyList<Tensor> hidden, IReadOnlyList<LayerPrefix> keyValues)
        => (Reader, Ids, Words, Hidden, KeyValues) = (reader, ids, words, hidden, keyValues);

    private int _users = 1;

    /// <summary>The same for one more user, each of whom disposes it.</summary>
    public PromptEncoding Retain()
    {
        Interlocked.Increment(ref _users);
        return this;
    }

    /// <summary>The model that read it.</summary>
    public Transformer Reader { get; }

    /// <summary>The prompt's tokens.</summary>
    public IReadOnlyList<int> Ids { get; }

    /// <summary>P.</summary>
    public int Length => Ids.Count;

    /// <summary>Word embeddings [P,E].</summary>
    public Tensor Words { get; }

    /// <summary>The input of each layer that read it [P,D], and what came out of the last as the last entry: behind the final norm when all did; fp32.</summary>
    public IReadOnlyList<Tensor> Hidden { get; }

    /// <summary>Each such layer's keys (after rotary) and values, [1,Hkv,P,Dh] fp32.</summary>
    public IReadOnlyList<LayerPrefix> KeyValues { get; }

    /// <summary>Reads a prompt; the result owns its tensors.</summary>
    /// <param name="transformer">The model.</param>
    /// <param name="ids">The prompt.</param>
    /// <param name="device">The model's.</param>
    /// <param name="most">Stop behind so many layers; null: run all.</param>
    public static PromptEncoding Read(Transformer transformer, IReadOnlyList<int> ids, Device device, int? most = null)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var layers = Math.Min(most ?? transformer.Config.Layers, transformer.Config.Layers);
        var tokens = tensor(ids.Select(i => (long)i).ToArray(), [1, ids.Count], device: device);
        var read = transformer.Forward(new() { Ids = tokens, KeepKeyValues = true, Layers = layers, Taps = Enumerable.Range(0, layers + 1).ToHashSet() });
        return new(
            transformer,
            [.. ids],
            Keep(transformer.Embeddings.Word(tokens)[0]),
            [.. Enumerable.Range(0, layers + 1).Select(l => Keep(read.Taps[l][0]))],
            [.. read.KeyValues.Select(kv => new LayerPrefix(Keep(kv.Keys), Keep(kv.Values)))]);
    }

    /// <summary>The same with vectors of the same lengths in random directions at some places: word embeddings, states, each head's keys and values. The result owns its tensors.</summary>
    public PromptEncoding WithRandomVectors(IEnumerable<int> places, Shuffler random)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var at = tensor(places.Select(p => (long)p).ToArray(), device: Words.device);
        return new(Reader, Ids, Turned(Words, 0), [.. Hidden.Select(h => Turned(h, 0))], [.. KeyValues.Select(kv => new LayerPrefix(Turned(kv.Keys, 2), Turned(kv.Values, 2)))]);

        Tensor Turned(Tensor vectors, int dimension)
        {
            var own = vectors.index_select(dimension, at);
            var drawn = new float[own.NumberOfElements];
            foreach (ref var value in drawn.AsSpan()) value = random.NextGaussian();
            var directions = tensor(drawn, own.shape, device: own.device).to_type(own.dtype);
            var turned = directions * (Length(own) / Length(directions));
            return Keep(vectors.index_copy(dimension, at, turned));
        }

        static Tensor Length(Tensor t) => t.Squared().sum(-1, keepdim: true).sqrt();
    }

    /// <summary>fp32 (or more), contiguous, in nobody's scope.</summary>
    private static Tensor Keep(Tensor tensor) => tensor.Exact().clone().DetachFromDisposeScope();

    public void Dispose()
    {
        if (Interlocked.Decrement(ref _users) > 0) return;
        Words.Dispose();
        foreach (var state in Hidden) state.Dispose();
        foreach (var (keys, values) in KeyValues) { keys.Dispose(); values.Dispose(); }
    }
}
