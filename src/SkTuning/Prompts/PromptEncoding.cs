using SkTuning.Data;
using SkTuning.Models;
using SkTuning.Native;
using static TorchSharp.torch;

namespace SkTuning.Prompts;

/// <summary>A prompt as the frozen model reads it: once, zero-shot, without gradients, at positions 0..P-1.</summary>
internal sealed class PromptEncoding : IDisposable
{
    private PromptEncoding(Transformer reader, IReadOnlyList<int> ids, Tensor words, IReadOnlyList<Tensor> hidden, IReadOnlyList<LayerPrefix> keyValues,
        IReadOnlyList<Tensor> plainKeys)
        => (Reader, Ids, Words, Hidden, KeyValues, PlainKeys) = (reader, ids, words, hidden, keyValues, plainKeys);

    private readonly UserCount _users = new();

    /// <summary>Adds a user and returns this object. Each user disposes it, and the last one releases it.</summary>
    public PromptEncoding Retain()
    {
        _users.Add(this);
        return this;
    }

    /// <summary>The model that read the prompt.</summary>
    public Transformer Reader { get; }

    /// <summary>The tokens of the prompt.</summary>
    public IReadOnlyList<int> Ids { get; }

    /// <summary>P, the number of tokens.</summary>
    public int Length => Ids.Count;

    /// <summary>The word embeddings, [P,E].</summary>
    public Tensor Words { get; }

    /// <summary>
    /// The input of each layer that read the prompt, [P,D] fp32, and the output of the last one, which includes the final norm if all layers read it.
    /// </summary>
    public IReadOnlyList<Tensor> Hidden { get; }

    /// <summary>The keys (after rotary) and values of these layers, [1,Hkv,P,Dh] fp32.</summary>
    public IReadOnlyList<LayerPrefix> KeyValues { get; }

    /// <summary>The same keys before rotary positions, [1,Hkv,P,Dh].</summary>
    public IReadOnlyList<Tensor> PlainKeys { get; }

    /// <summary>All of these tensors.</summary>
    public IEnumerable<Tensor> Tensors => [Words, .. Hidden, .. PlainKeys, .. KeyValues.SelectMany(kv => (Tensor[])[kv.Keys, kv.Values])];

    /// <summary>Reads a prompt; the result owns its tensors.</summary>
    /// <param name="transformer">The model.</param>
    /// <param name="ids">The tokens of the prompt.</param>
    /// <param name="device">The device of the model.</param>
    /// <param name="maxLayers">The number of layers that read the prompt; null for all.</param>
    public static PromptEncoding Read(Transformer transformer, IReadOnlyList<int> ids, Device device, int? maxLayers = null)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var layers = Math.Min(maxLayers ?? transformer.Config.Layers, transformer.Config.Layers);
        var tokens = tensor(ids.Select(i => (long)i).ToArray(), [1, ids.Count], device: device);
        var read = transformer.Forward(new() { Ids = tokens, KeepKeyValues = true, Layers = layers, Taps = Enumerable.Range(0, layers + 1).ToHashSet() });
        return new(
            transformer,
            [.. ids],
            Copy(transformer.Embeddings.Word(tokens)[0]),
            [.. Enumerable.Range(0, layers + 1).Select(l => Copy(read.Taps[l][0]))],
            [.. read.KeyValues.Select(kv => new LayerPrefix(Copy(kv.Keys), Copy(kv.Values)))],
            [.. read.PlainKeys.Select(Copy)]);
    }

    /// <summary>
    /// Returns a copy in which the vectors at some positions (word embeddings, states, keys and values of each head) are replaced with vectors of the same
    /// lengths in random directions. The copy owns its tensors.
    /// </summary>
    public PromptEncoding WithRandomVectors(IEnumerable<int> positions, Shuffler random)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var at = tensor(positions.Select(p => (long)p).ToArray(), device: Words.device);
        return new(
            Reader,
            Ids,
            Turned(Words, 0),
            [.. Hidden.Select(h => Turned(h, 0))],
            [.. KeyValues.Select(kv => new LayerPrefix(Turned(kv.Keys, 2), Turned(kv.Values, 2)))],
            [.. PlainKeys.Select(k => Turned(k, 2))]);             // drawn last: adapters of older versions read the vectors before them

        Tensor Turned(Tensor vectors, int dimension)
        {
            var own = vectors.index_select(dimension, at);
            var drawn = new float[own.NumberOfElements];
            foreach (ref var value in drawn.AsSpan()) value = random.NextGaussian();
            var directions = tensor(drawn, own.shape, device: own.device).to_type(own.dtype);
            var turned = directions * (Length(own) / Length(directions));
            return Copy(vectors.index_copy(dimension, at, turned));
        }

        static Tensor Length(Tensor t) => t.Squared().sum(-1, keepdim: true).sqrt();
    }

    /// <summary>Returns a contiguous copy in fp32 (or more), outside any dispose scope.</summary>
    private static Tensor Copy(Tensor tensor) => tensor.Exact().clone().DetachFromDisposeScope();

    public void Dispose()
    {
        if (!_users.Remove()) return;
        foreach (var tensor in Tensors) tensor.Dispose();
    }
}
