using SkTuning.Native;
using static TorchSharp.torch;

namespace SkTuning.Models;

// B rows, T tokens of text, I vectors of an input prompt, S = I + T, P prefix positions, L layers, H heads and Hkv key/value heads of Dh values,
// D the hidden size, V words, E the width of their embeddings. The arrows on the right show where the slots of an Injection act.
//
//   ids [B,T]
//      |
//   Embeddings: words [B,T,E]                        <-- InputPrompt [1 or B, I, E] before the words: [B,S,E]
//      + positions [1 or B, S]                       <-- PositionOffset [1 or B]: the position of the first token of the text
//      |  x [B,S,D], fp32
//      |
//   L x TransformerLayer (BlockTrait.Sequential)     <-- Parameters: replaces weights and biases of norms and linears
//      |-------------.
//      |            norm
//      |             | [B,S,D]
//      |           Attention: q [B,H,S,Dh]           <-- Linears: Query, Key, Value, Output
//      |             |        k, v [B,Hkv,S,Dh]      <-- Prefix [1 or B, Hkv, P, Dh] before k and v: [B,Hkv,P+S,Dh]
//      |             |        scores + AttentionBias <-- PrefixMask [1 or B, P]
//      |             |        + φ(q)ᵀM [B,H,S,Dh] <-- Memory [1 or B, H, Dh, Dh]: M
//      |<---- + -----'
//      |-------------.
//      |            norm
//      |           FeedForward or Mixture            <-- Linears: Gate, Up, Down (not in a Mixture)
//      |<---- + -----'
//      |  x [B,S,D], fp32
//      |
//   final norm                                       <-- Parameters
//      |
//   ForwardResult.Hidden [B,S,D]
//      |
//   Logits: LM head [B,S,V]     or     MaskedLogits: masked-LM head [B,S,V]
//
// BlockTrait.Parallel computes attention and feed-forward from the same x; BlockTrait.NormAfter has its norms after the two sums.

/// <summary>
/// The one transformer of all families. Weights are plain tensors without gradients that belong to no dispose scope; the temporaries of a layer are freed with
/// the layer.
/// </summary>
internal sealed partial class Transformer : IDisposable
{
    private readonly SequenceCount _sequences = new();
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
    private readonly long _operations;

    public Transformer(WeightReader weights, ModelConfig config, WeightNames names, ScalarType compute)
    {
        (Config, _compute, _operations) = (config, compute, OperationsPerToken(config));
        Embeddings = new(weights, config, names);
        if (config.Attention.RelativeBuckets is { } buckets)
            _buckets = weights.Exact(names.RelativeBias + ".weight", buckets.Rows, config.Attention.Heads);
        if (config.Attention.Disentangled is { } disentangled) _distances = new(weights, config, disentangled, names);
        if (config.Convolution is { } convolution) _convolution = new(weights, config, convolution, names);
        (Linears, BasePrefixes) = (new(config, names), names.Prefixes);
        weights.Replaceable.Clear();                                                                            // replaceable: from here to the final norm
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
        if (names.OutputProjection is { } projection)
            _outputProjection = FrozenLinear.Read(weights, projection, config.Hidden, config.Output, weights.Has(projection + ".bias"));
        if (names.Head is { } head)
        {
            if (config.Head.Tied) weights.Skip(head + ".weight");
            else _head = weights.OutsideMatrix(head + ".weight", config.Vocabulary, Embeddings.Size);
            HasHead = config.Head.Tied || _head is not null;
            if (config.Head.Bias && HasHead)
                _headBias = weights.Outside(head + ".bias", config.Vocabulary)
                    ?? throw new SkTuningException($"The checkpoint has no '{head}.bias', which the LM head of {config.Family} models needs.");
        }
        _buffers = weights.Buffers;
        (Names, Tensors) = (names, weights.Taken);
        InnerSizes = [.. Enumerable.Repeat(config.FeedForward.Size, config.Layers)];
    }

    public ModelConfig Config { get; }

    /// <summary>The number of sequences that this model and the pruned ones made of it have read.</summary>
    public long Sequences => _sequences.Total;

    /// <summary>The names of the family's tensors.</summary>
    public WeightNames Names { get; }

    /// <summary>Every tensor that was read, by canonical name, without quantized matrices.</summary>
    public IReadOnlyList<(string Name, Tensor Value)> Tensors { get; }

    /// <summary>The table of <see cref="AttentionTrait.RelativeBuckets"/>, [rows, H]; null if there is none.</summary>
    public Tensor? BucketTable => _buckets;

    /// <summary>The embeddings of distances; null if there are none.</summary>
    public DistanceEmbeddings? Distances => _distances;

    /// <summary>The size of one value of an inner product, in bytes.</summary>
    public int ValueBytes => _compute == ScalarType.Float32 ? 4 : 2;

    /// <summary>True if products are computed in fp16, whose smallest value is 6e-8.</summary>
    public bool ComputesInHalf => _compute == ScalarType.Float16;

    public Embeddings Embeddings { get; }

    /// <summary>The prefixes that the names of the base model may have in a checkpoint, and have in PEFT's files.</summary>
    public IReadOnlyList<string> BasePrefixes { get; }

    /// <summary>The linears that can be changed.</summary>
    public LinearSites Linears { get; }

    /// <summary>The tensors of the layers and the final norm, which can be replaced in a pass, by canonical name.</summary>
    public IReadOnlyDictionary<string, Tensor> Replaceable { get; }

    /// <summary>True if several layers share one set of weights.</summary>
    public bool SharesLayers => _layerNames.Distinct(StringComparer.Ordinal).Count() < _layerNames.Length;

    /// <summary>Returns the names in <see cref="Replaceable"/> that belong to a layer or the layers above it, or follow the last layer.</summary>
    public IEnumerable<string> ReplaceableFrom(int layer)
        => Replaceable.Keys.Where(n => !_layerNames.Take(layer).Any(p => n.StartsWith(p, StringComparison.Ordinal))).Order(StringComparer.Ordinal);

    /// <summary>Returns the lowest layer that a replaceable tensor belongs to; the number of layers for tensors after the last layer.</summary>
    public int FirstLayerOf(string name)
    {
        var layer = Array.FindIndex(_layerNames, p => name.StartsWith(p, StringComparison.Ordinal));
        return layer >= 0 ? layer : Config.Layers;
    }

    /// <summary>True if <see cref="Logits"/> can be called.</summary>
    public bool HasHead { get; }

    /// <summary>
    /// The linear that transformers' classifiers apply to the first state, [D,D] and [D] in fp32; null if the family or the checkpoint has none.
    /// </summary>
    public (Tensor Weight, Tensor Bias)? Pooler { get; }

    /// <summary>The masked-LM head; null if the checkpoint has none.</summary>
    public MaskedHead? MaskedHead => _maskedHead;

    /// <summary>True if <see cref="MaskedLogits"/> can be called.</summary>
    public bool HasMaskedHead => _maskedHead is not null;

    /// <summary>Returns the input of the first layer for ids [B,T] at positions 0 to T-1, fp32 [B,T,D].</summary>
    public Tensor Embed(Tensor ids)
    {
        using var scope = NewDisposeScope();
        var positions = Numbers.Range(0, ids.shape[1], ids.device).unsqueeze(0);
        return Embeddings.Forward(Embeddings.Word(ids), positions, null, _compute).MoveToOuterDisposeScope();
    }

    /// <summary>Returns the scores of the LM head, states [.., D] -> [.., V] in fp32.</summary>
    public Tensor Logits(Tensor hidden)
    {
        if (!HasHead) throw new SkTuningException($"This {Config.Family} checkpoint has no LM head: use a head that is trained.");
        using var scope = NewDisposeScope();
        return WordScores((_head ?? Embeddings.Words).Product(hidden.to_type(_compute), _headBias).Exact()).MoveToOuterDisposeScope();
    }

    /// <summary>Returns the scores of the masked-LM head, states [.., D] -> [.., V] in fp32.</summary>
    public Tensor MaskedLogits(Tensor hidden)
    {
        if (_maskedHead is null) throw new SkTuningException($"This {Config.Family} checkpoint has no masked-LM head: use a head that is trained.");
        using var scope = NewDisposeScope();
        return _maskedHead.Forward(hidden, Embeddings.Words, _compute).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        if (_whole is not null)
        {
            foreach (var layer in _layers.Distinct().Except(_whole._layers)) layer.Dispose();
            return;
        }
        Embeddings.Dispose();
        foreach (var layer in _layers.Distinct()) layer.Dispose();
        IDisposable?[] parts =
        [
            _finalNorm, _outputProjection, _head, _headBias, _buckets, _distances, _convolution, _maskedHead, Pooler?.Weight, Pooler?.Bias, _buffers,
        ];
        foreach (var part in parts) part?.Dispose();
    }
}
