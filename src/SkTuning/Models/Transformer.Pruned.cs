using static TorchSharp.torch;

namespace SkTuning.Models;

/// <summary>
/// A model with fewer feed-forward units (structural pruning): dense, smaller weights beside those of the whole model, which does not change.
/// </summary>
internal sealed partial class Transformer
{
    private readonly Transformer? _whole;

    /// <summary>A model that shares everything with another one, except its feed-forwards.</summary>
    private Transformer(Transformer whole, IReadOnlyList<int[]> kept, Device device, bool copiesAll)
    {
        (_whole, _sequences, InnerSizes) = (whole, whole._sequences, [.. kept.Select(k => k.Length)]);
        Config = whole.Config with { FeedForward = whole.Config.FeedForward with { Size = InnerSizes.Max() } };
        (_finalNorm, _head, _headBias, _outputProjection, _maskedHead) = (whole._finalNorm, whole._head, whole._headBias, whole._outputProjection,
            whole._maskedHead);
        (_buckets, _distances, _convolution, _buffers, Pooler) = (whole._buckets, whole._distances, whole._convolution, whole._buffers, whole.Pooler);
        (_compute, _layerNames, Embeddings, BasePrefixes, HasHead, Names) = (whole._compute, whole._layerNames, whole.Embeddings, whole.BasePrefixes,
            whole.HasHead, whole.Names);
        var mean = Config with { FeedForward = Config.FeedForward with { Size = (int)Math.Round(InnerSizes.Average()) } };
        (Linears, _operations) = (new(Config, Names, InnerSizes), OperationsPerToken(mean));

        var (tensors, made) = (new Dictionary<string, Tensor>(StringComparer.Ordinal), new Dictionary<TransformerLayer, TransformerLayer>());
        _layers = new TransformerLayer[Config.Layers];
        foreach (var (l, layer) in whole._layers.Index())
        {
            // Layers that share their weights share the smaller ones, and a layer with all units is the same layer.
            if (!made.TryGetValue(layer, out var sliced))
                made[layer] = sliced = kept[l].Length == layer.FeedForward!.Units && !copiesAll ? layer : layer.Sliced(kept[l], device, tensors);
            _layers[l] = sliced;
        }
        SlicedBytes = tensors.Values.Sum(t => t.NumberOfElements * t.ElementSize);
        Replaceable = With(whole.Replaceable, tensors);
        // Weight and bias of a linear have one name there; quantized blocks, which the slices are not, have none.
        Tensors =
        [
            .. whole.Tensors.Select(t => tensors.Remove(t.Name + (t.Value.dim() == 1 ? ".bias" : ".weight"), out var own) ? (t.Name, own) : t),
            .. tensors.Select(t => (t.Key, t.Value)),
        ];
    }

    /// <summary>The inner size of the feed-forward of each layer.</summary>
    public IReadOnlyList<int> InnerSizes { get; }

    /// <summary>The memory of the weights that this model has beside those of the whole one, in bytes; 0 for a whole model.</summary>
    public long SlicedBytes { get; }

    /// <summary>Returns the prefix of the names of a layer's tensors. Layers with the same one share their weights.</summary>
    public string LayerName(int layer) => _layerNames[layer];

    /// <summary>Returns why the feed-forward units of the model cannot be pruned; null if they can.</summary>
    public string? PruningRefusal => _layers.All(l => l.FeedForward is not null) ? null
        : $"Models of the family {Config.Family} with a mixture of experts cannot be pruned: a unit of an expert that is rarely selected looks useless. "
            + "Use a base with one feed-forward in each layer.";

    /// <summary>Returns the norm of the weights of each unit, [units] for each layer, in the caller's scope.</summary>
    public IReadOnlyList<Tensor> UnitNorms(Device device) => [.. _layers.Select(l => l.FeedForward!.UnitNorms(device))];

    /// <summary>Returns a model with some feed-forward units, which the caller disposes before this one.</summary>
    /// <param name="kept">The units of each layer, ascending; the same ones for layers that share their weights.</param>
    /// <param name="device">The device of the weights.</param>
    /// <param name="copiesAll">Whether a layer that keeps all of its units is copied, too, for tests.</param>
    public Transformer Pruned(IReadOnlyList<int[]> kept, Device device, bool copiesAll = false)
    {
        if (PruningRefusal is { } reason) throw new SkTuningException(reason);
        if (kept.Count != Config.Layers) throw new SkTuningException($"The units of {kept.Count} layers are given, the model has {Config.Layers}.");
        foreach (var (l, units) in kept.Index())
        {
            var isValid = units.Length > 0 && units[0] >= 0 && units[^1] < InnerSizes[l] && units.Zip(units.Skip(1)).All(p => p.First < p.Second);
            if (!isValid) throw new SkTuningException($"The units of layer {l} are not ascending numbers from 0 to {InnerSizes[l] - 1}.");
            if (!units.AsSpan().SequenceEqual(kept[Array.IndexOf(_layerNames, _layerNames[l])]))
                throw new SkTuningException($"Layer {l} shares its weights with another one that keeps other units, expected the same ones.");
        }
        return new(this, kept, device, copiesAll);
    }

    private static Dictionary<string, Tensor> With(IReadOnlyDictionary<string, Tensor> all, Dictionary<string, Tensor> changed)
    {
        var own = new Dictionary<string, Tensor>(all, StringComparer.Ordinal);
        foreach (var (name, value) in changed) own[name] = value;
        return own;
    }
}
