using SkTuning.Heads;
using SkTuning.Native;
using SkTuning.Tokenizers.SubwordModels;
using static TorchSharp.torch;

namespace SkTuning.Models;

/// <summary>
/// The one transformer of all families. Weights are plain tensors without gradients that belong to no dispose scope; a layer's temporaries
/// are let go with the layer.
/// </summary>
internal sealed partial class Transformer : IDisposable
{
    private readonly TransformerLayer[] _layers;
    private readonly FrozenNorm? _finalNorm;
    private readonly FrozenMatrix? _head;
    private readonly Tensor? _headBias, _buckets;
    private readonly DistanceEmbeddings? _distances;
    private readonly FirstConvolution? _convolution;
    private readonly MaskedHead? _maskedHead;
    private readonly FrozenLinear? _outputProjection;
    private readonly ExpansionBuffers? _buffers;
    private readonly ScalarType _compute;
    private readonly string[] _layerNames;

    public Transformer(WeightReader weights, ModelConfig config, WeightNames names, ScalarType compute)
    {
        (Config, _compute) = (config, compute);
        Embeddings = new(weights, config, names);
        if (config.Attention.RelativeBuckets is { } buckets) _buckets = weights.Exact(names.RelativeBias + ".weight", buckets.Rows, config.Attention.Heads);
        if (config.Attention.Disentangled is { } disentangled) _distances = new(weights, config, disentangled, names);
        if (config.Convolution is { } convolution) _convolution = new(weights, config, convolution, names);
        (Linears, BasePrefixes) = (new(config, names), names.Prefixes);
        weights.Replaceable.Clear();                                                                            // what is read from here to the final norm can be replaced
        var layers = new Dictionary<string, TransformerLayer>(StringComparer.Ordinal);
        _layers = new TransformerLayer[config.Layers];
        for (var l = 0; l < config.Layers; l++)
        {
            var prefix = names.OfLayer(l);
            if (!layers.TryGetValue(prefix, out var layer)) layers[prefix] = layer = new(weights, config, names, l, prefix);
            _layers[l] = layer;
        }
        if (config.FinalNorm) _finalNorm = FrozenNorm.Read(weights, config.Norm, names.FinalNorm!, config.Hidden);
        Replaceable = new Dictionary<string, Tensor>(weights.Replaceable, StringComparer.Ordinal);
        _layerNames = [.. Enumerable.Range(0, config.Layers).Select(names.OfLayer)];
        if (config.MaskedHead is { } masked) _maskedHead = MaskedHead.Read(weights, config, masked, names, Embeddings.Size);
        if (names.Pooler is { } pooler && weights.Has(pooler + ".weight"))
            Pooler = (weights.Beside(pooler + ".weight", config.Hidden, config.Hidden), weights.Beside(pooler + ".bias", config.Hidden));
        if (names.OutputProjection is { } projection) _outputProjection = FrozenLinear.Read(weights, projection, config.Hidden, config.Output, weights.Has(projection + ".bias"));
        if (names.Head is { } head)
        {
            if (config.Head.Tied) weights.Skip(head + ".weight");
            else _head = weights.OutsideMatrix(head + ".weight", config.Vocabulary, Embeddings.Size);
            HasHead = config.Head.Tied || _head is not null;
            if (config.Head.Bias && HasHead)
                _headBias = weights.Outside(head + ".bias", config.Vocabulary) ?? throw new SkTuningException($"The checkpoint has no '{head}.bias', which the LM head of {config.Family} models needs.");
        }
        _buffers = weights.Buffers;
    }

    public ModelConfig Config { get; }

    /// <summary>Bytes of a value of inner products.</summary>
    public int ValueBytes => _compute == ScalarType.Float32 ? 4 : 2;

    /// <summary>Products are made in fp16, whose smallest value is 6e-8.</summary>
    public bool ComputesInHalf => _compute == ScalarType.Float16;

    public Embeddings Embeddings { get; }

    /// <summary>What may stand before the base's names in a checkpoint, and does in PEFT's.</summary>
    public IReadOnlyList<string> BasePrefixes { get; }

    /// <summary>The linears that can be changed.</summary>
    public LinearSites Linears { get; }

    /// <summary>The layers' and the final norm's tensors, which can be replaced in a pass, by canonical name.</summary>
    public IReadOnlyDictionary<string, Tensor> Replaceable { get; }

    /// <summary>True when one set of weights serves several layers.</summary>
    public bool SharesLayers => _layerNames.Distinct(StringComparer.Ordinal).Count() < _layerNames.Length;

    /// <summary>The names in <see cref="Replaceable"/> from a layer on, those behind the last layer included.</summary>
    public IEnumerable<string> ReplaceableBehind(int layer)
        => Replaceable.Keys.Where(n => !_layerNames.Take(layer).Any(p => n.StartsWith(p, StringComparison.Ordinal))).Order(StringComparer.Ordinal);

    /// <summary>The lowest layer that a replaceable tensor belongs to; the number of layers for those behind the last.</summary>
    public int FirstLayerOf(string name)
    {
        var layer = Array.FindIndex(_layerNames, p => name.StartsWith(p, StringComparison.Ordinal));
        return layer >= 0 ? layer : Config.Layers;
    }

    /// <summary>True when <see cref="Logits"/> can be asked for.</summary>
    public bool HasHead { get; }

    /// <summary>The linear that a classifier of transformers sees the first state through, [D,D] and [D] in fp32; null where the family or the checkpoint has none.</summary>
    public (Tensor Weight, Tensor Bias)? Pooler { get; }

    /// <summary>True when <see cref="MaskedLogits"/> can be asked for.</summary>
    public bool HasMaskedHead => _maskedHead is not null;

    /// <summary>All that the embeddings make of ids [B,T], at positions 0..T-1: what goes into the first layer, fp32 [B,T,D].</summary>
    public Tensor Embed(Tensor ids)
    {
        using var scope = NewDisposeScope();
        var places = Numbers.Range(0, ids.shape[1], ids.device).unsqueeze(0);
        return Embeddings.Forward(Embeddings.Word(ids), places, null, _compute).MoveToOuterDisposeScope();
    }

    /// <summary>LM head scores of states [.., D]: [.., V] in fp32.</summary>
    public Tensor Logits(Tensor hidden)
    {
        if (!HasHead) throw new SkTuningException($"This {Config.Family} checkpoint has no LM head: use a head that is trained.");
        using var scope = NewDisposeScope();
        return WordScores((_head ?? Embeddings.Words).Product(hidden.to_type(_compute), _headBias).Exact()).MoveToOuterDisposeScope();
    }

    /// <summary>Masked-LM scores of states [.., D]: [.., V] in fp32.</summary>
    public Tensor MaskedLogits(Tensor hidden)
    {
        if (_maskedHead is null) throw new SkTuningException($"This {Config.Family} checkpoint has no masked-LM head: use a head that is trained.");
        using var scope = NewDisposeScope();
        return _maskedHead.Forward(hidden, Embeddings.Words, _compute).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        Embeddings.Dispose();
        foreach (var layer in _layers.Distinct()) layer.Dispose();
        foreach (var part in (IDisposable?[])[_finalNorm, _outputProjection, _head, _headBias, _buckets, _distances, _convolution, _maskedHead, Pooler?.Weight, Pooler?.Bias, _buffers]) part?.Dispose();
    }
}
