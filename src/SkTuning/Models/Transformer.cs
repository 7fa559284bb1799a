using static TorchSharp.torch;

namespace SkTuning.Models;

/// <summary>
/// The one transformer of all families. Weights are plain tensors without gradients that belong to no dispose scope; a layer's temporaries
/// are let go with the layer.
/// </summary>
internal sealed class Transformer : IDisposable
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

    /// <summary>True when <see cref="Logits"/> can be asked for.</summary>
    public bool HasHead { get; }

    /// <summary>The linear that a classifier of transformers sees the first state through, [D,D] and [D] in fp32; null where the family or the checkpoint has none.</summary>
    public (Tensor Weight, Tensor Bias)? Pooler { get; }

    /// <summary>True when <see cref="MaskedLogits"/> can be asked for.</summary>
    public bool HasMaskedHead => _maskedHead is not null;

    /// <summary>Runs the model. Shapes are checked here; ids where they are made (<see cref="FrozenModel"/>).</summary>
    public ForwardResult Forward(ForwardRequest request)
    {
        var injection = request.Injection;
        var (rows, textLength) = (request.Ids.shape[0], request.Ids.shape[1]);
        injection.Check(this, rows);
        var count = request.Layers ?? Config.Layers;

        using var scope = NewDisposeScope();
        var words = request.InputEmbeddings ?? Embeddings.Word(request.Ids);
        if (!words.shape.AsSpan().SequenceEqual((long[])[rows, textLength, Embeddings.Size]))
            throw new SkTuningException($"InputEmbeddings are [{string.Join(", ", words.shape)}], expected [{rows}, {textLength}, {Embeddings.Size}].");
        var prompt = injection.InputPrompt;
        var start = prompt?.shape[1] ?? 0;
        if (prompt is not null) words = cat([prompt.to_type(ScalarType.Float32).expand(rows, start, prompt.shape[2]), words], 1);
        if (request.PositionIds is { } given && !(given.dim() == 2 && (given.shape[0] == 1 || given.shape[0] == rows) && given.shape[1] == start + textLength))
            throw new SkTuningException($"PositionIds are [{string.Join(", ", given.shape)}], expected [1 or {rows}, {start + textLength}].");
        var places = new SequencePlaces(request, Config, start);
        var types = request.TypeIds is null || start == 0 ? request.TypeIds : cat([zeros(rows, start, dtype: ScalarType.Int64, device: request.Ids.device), request.TypeIds], 1);
        var x = Embeddings.Forward(words, places.Positions, types, _compute);
        var embedded = x;
        var bias = new AttentionBias(Config, places.Positions, places.KeyMask, places.Prefix, _compute, _buckets);
        // Made before the first layer: what layers share must outlive the scope of the one that asks first.
        for (var l = 0; l < count; l++) bias.For(l, injection.Prefix?[l] is not null);
        var context = new LayerContext(bias, Rotaries(places), _compute) { Distances = _distances?.Between(places.Positions, bias.KeyPositions, _compute), Injection = injection };

        var taps = new Dictionary<int, Tensor>();
        var keyValues = new List<LayerPrefix>();
        for (var l = 0; l < count; l++)
        {
            if (request.Taps?.Contains(l) == true) taps[l] = x.detach();
            using var layer = NewDisposeScope();
            x = _layers[l].Forward(x, injection.Prefix?[l], context with { Layer = l }, out var kept);
            if (l == 0 && _convolution is not null) x = _convolution.Forward(embedded, x, places.OwnMask);
            x = x.MoveToOuterDisposeScope();
            if (request.KeepKeyValues) keyValues.Add(new(kept.Keys.MoveToOuterDisposeScope(), kept.Values.MoveToOuterDisposeScope()));
        }
        if (count == Config.Layers && _finalNorm is not null) x = _finalNorm.Forward(x, injection.Parameters);
        if (count == Config.Layers && _outputProjection is not null) x = _outputProjection.Forward(x.to_type(_compute)).to_type(ScalarType.Float32);
        if (request.Taps?.Contains(count) == true) taps[count] = x.detach();

        foreach (var tap in taps.Values) tap.MoveToOuterDisposeScope();
        foreach (var (keys, values) in keyValues) { keys.MoveToOuterDisposeScope(); values.MoveToOuterDisposeScope(); }
        return new() { Hidden = x.MoveToOuterDisposeScope(), TextStart = start, Taps = taps, KeyValues = keyValues };
    }

    /// <summary>All that the embeddings make of ids [B,T], at positions 0..T-1: what goes into the first layer, fp32 [B,T,D].</summary>
    public Tensor Embed(Tensor ids)
    {
        using var scope = NewDisposeScope();
        var places = arange(ids.shape[1], dtype: ScalarType.Int64, device: ids.device).unsqueeze(0);
        return Embeddings.Forward(Embeddings.Word(ids), places, null, _compute).MoveToOuterDisposeScope();
    }

    /// <summary>LM head scores of states [.., D]: [.., V] in fp32.</summary>
    public Tensor Logits(Tensor hidden)
    {
        if (!HasHead) throw new SkTuningException($"This {Config.Family} checkpoint has no LM head: use a head that is trained.");
        using var scope = NewDisposeScope();
        var logits = (_head ?? Embeddings.Words).Product(hidden.to_type(_compute), _headBias).to_type(ScalarType.Float32);
        if (Config.Head.Scale != 1) logits = logits * Config.Head.Scale;
        if (Config.Head.SoftCap is { } cap) logits = (logits / cap).tanh() * cap;
        return logits.MoveToOuterDisposeScope();
    }

    /// <summary>Masked-LM scores of states [.., D]: [.., V] in fp32.</summary>
    public Tensor MaskedLogits(Tensor hidden)
    {
        if (_maskedHead is null) throw new SkTuningException($"This {Config.Family} checkpoint has no masked-LM head: use a head that is trained.");
        using var scope = NewDisposeScope();
        return _maskedHead.Forward(hidden, Embeddings.Words, _compute).MoveToOuterDisposeScope();
    }

    private Func<int, Rotary?> Rotaries(SequencePlaces places)
    {
        if (Config.Positions is not RotaryPositions rotary) return _ => null;
        var tables = new Dictionary<RotaryTrait, Rotary>();
        foreach (var trait in rotary.Layers.OfType<RotaryTrait>().Distinct()) tables[trait] = new Rotary(trait, places.Positions, places.Lengths, _compute);
        return layer => rotary[layer] is { } trait ? tables[trait] : null;
    }

    public void Dispose()
    {
        Embeddings.Dispose();
        foreach (var layer in _layers.Distinct()) layer.Dispose();
        foreach (var part in (IDisposable?[])[_finalNorm, _outputProjection, _head, _headBias, _buckets, _distances, _convolution, _maskedHead, Pooler?.Weight, Pooler?.Bias, _buffers]) part?.Dispose();
    }
}
