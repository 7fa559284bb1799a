using SkTuning.Models;
using static TorchSharp.torch;

namespace SkTuning.Prompts;

/// <summary>What the frozen model understood of a prompt: read once, zero-shot, without gradients, at positions 0..P-1.</summary>
internal sealed class PromptEncoding : IDisposable
{
    private PromptEncoding(IReadOnlyList<int> ids, Tensor words, IReadOnlyList<Tensor> hidden, IReadOnlyList<LayerPrefix> keyValues)
        => (Ids, Words, Hidden, KeyValues) = (ids, words, hidden, keyValues);

    /// <summary>The prompt's tokens.</summary>
    public IReadOnlyList<int> Ids { get; }

    /// <summary>P.</summary>
    public int Length => Ids.Count;

    /// <summary>Word embeddings [P,E].</summary>
    public Tensor Words { get; }

    /// <summary>The input of each layer [P,D], and the states behind the final norm as the last entry; fp32.</summary>
    public IReadOnlyList<Tensor> Hidden { get; }

    /// <summary>Each layer's keys (after rotary) and values, [1,Hkv,P,Dh] fp32.</summary>
    public IReadOnlyList<LayerPrefix> KeyValues { get; }

    /// <summary>Reads a prompt; the result owns its tensors.</summary>
    public static PromptEncoding Read(Transformer transformer, IReadOnlyList<int> ids, Device device)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var layers = transformer.Config.Layers;
        var tokens = tensor(ids.Select(i => (long)i).ToArray(), [1, ids.Count], device: device);
        var read = transformer.Forward(new() { Ids = tokens, KeepKeyValues = true, Taps = Enumerable.Range(0, layers + 1).ToHashSet() });
        return new(
            [.. ids],
            Keep(transformer.Embeddings.Word(tokens)[0]),
            [.. Enumerable.Range(0, layers + 1).Select(l => Keep(read.Taps[l][0]))],
            [.. read.KeyValues.Select(kv => new LayerPrefix(Keep(kv.Keys), Keep(kv.Values)))]);
    }

    /// <summary>fp32, contiguous, in nobody's scope.</summary>
    private static Tensor Keep(Tensor tensor) => tensor.to_type(ScalarType.Float32).clone().DetachFromDisposeScope();

    public void Dispose()
    {
        Words.Dispose();
        foreach (var state in Hidden) state.Dispose();
        foreach (var (keys, values) in KeyValues) { keys.Dispose(); values.Dispose(); }
    }
}
