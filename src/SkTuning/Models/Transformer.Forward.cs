using SkTuning.Native;
using static TorchSharp.torch;

namespace SkTuning.Models;

internal sealed partial class Transformer
{
    /// <summary>Runs the model. Shapes are checked here; ids are checked where they are made.</summary>
    public ForwardResult Forward(ForwardRequest request)
    {
        BackwardFailure.Throw();
        var injection = request.Injection;
        var count = request.Layers ?? Config.Layers;
        var start = injection.InputPrompt?.shape[1] ?? 0;
        var (rows, text, device) = Size(request, start, count);
        injection.Check(this, rows);
        _sequences.Add(rows);
        if (request.PositionIds is { } given && !(given.dim() == 2 && (given.shape[0] == 1 || given.shape[0] == rows) && given.shape[1] == start + text))
            throw new SkTuningException($"PositionIds are [{string.Join(", ", given.shape)}], expected [1 or {rows}, {start + text}].");

        var operations = device.type == TorchSharp.DeviceType.CPU ? rows * (start + text) * _operations : 0;
        using var threads = PassThreads.For(operations);
        using var scope = NewDisposeScope();
        var first = request.From?.Layer ?? 0;
        var positions = new SequencePositions(request, Config, rows, start, text, device);
        var x = request.From is { } from ? from.States.view(from.States.shape) : Embedded(request, positions, rows, start, text);
        var embedded = x;
        var contexts = Contexts(injection, positions, first, count, operations);
        var outputs = request.Outputs is null ? null : request.Outputs.Plus(start.Kept());
        // The convolution beside the first layer, and a tap after the last layer, need all positions of that layer.
        var early = outputs is not null && first < count && !(count == 1 && _convolution is not null) && request.Taps?.Contains(count) != true;

        var taps = new Dictionary<int, Tensor>();
        var (keyValues, plainKeys) = (new List<LayerPrefix>(), new List<Tensor>());
        for (var l = first; l < count; l++)
        {
            if (request.Taps?.Contains(l) == true) taps[l] = x.detach();
            using var layer = NewDisposeScope();
            var context = contexts[l - first];
            if (early && l == count - 1) context = context.For(outputs!, Config.Attention);
            var seed = context.HasDropout && device.type == TorchSharp.DeviceType.CUDA ? Devices.Reseed() : (long?)null;
            if (request.RecomputesLayers && !request.KeepKeyValues) x = RecomputedLayer.Forward(_layers[l], x, context, seed);
            else
            {
                x = _layers[l].Forward(x, context, out var kept);
                if (request.KeepKeyValues)
                {
                    keyValues.Add(new(kept.Keys.MoveToOuterDisposeScope(), kept.Values.MoveToOuterDisposeScope()));
                    plainKeys.Add(kept.PlainKeys.alias().MoveToOuterDisposeScope());          // without rotary positions, they are the keys themselves
                }
            }
            if (l == 0 && _convolution is not null) x = _convolution.Forward(embedded, x, positions.OwnMask);
            x = x.MoveToOuterDisposeScope();
        }
        if (count == Config.Layers && first < count)
        {
            if (_finalNorm is not null) x = _finalNorm.Forward(x, injection.Parameters);
            if (_outputProjection is not null) x = _outputProjection.Forward(x.to_type(_compute)).Exact();
        }
        if (request.Taps?.Contains(count) == true) taps[count] = x.detach();
        if (outputs is not null && !early) x = ChosenPositions.Gather(x, outputs);

        foreach (var tap in taps.Values) tap.MoveToOuterDisposeScope();
        foreach (var (keys, values) in keyValues) { keys.MoveToOuterDisposeScope(); values.MoveToOuterDisposeScope(); }
        foreach (var keys in plainKeys) keys.MoveToOuterDisposeScope();
        return new()
        {
            Hidden = x.MoveToOuterDisposeScope(), TextStart = outputs is null ? start : 0, Taps = taps, KeyValues = keyValues, PlainKeys = plainKeys,
        };
    }

    /// <summary>Returns the number of rows, the number of tokens in the text, and the device of the pass.</summary>
    private (long Rows, long Text, Device Device) Size(ForwardRequest request, long start, int count)
    {
        var (rows, text, device) = request switch
        {
            { From: { } from } => (from.States.shape[0], from.States.dim() == 3 ? from.States.shape[1] - start : 0, from.States.device),
            { Ids: { } ids } => (ids.shape[0], ids.shape[1], ids.device),
            _ => throw new SkTuningException("A pass has neither Ids nor From, expected one of them."),
        };
        if (request.From is { } begun)
        {
            var (layer, states) = (begun.Layer, begun.States);
            var width = layer == Config.Layers ? Config.StateSize : Config.Hidden;
            if (layer < 0 || layer > count) throw new SkTuningException($"From.Layer is {layer}, expected 0 to the {count} layers that run.");
            if (states.dim() != 3 || text < 1 || states.shape[2] != width || states.dtype != ScalarType.Float32)
                throw new SkTuningException($"From.States are {states.dtype} [{string.Join(", ", states.shape)}], expected Float32 [B, {start} + T, {width}].");
        }
        (string, Tensor?)[] inputs = [(nameof(request.Ids), request.Ids), (nameof(request.Mask), request.Mask), (nameof(request.TypeIds), request.TypeIds)];
        foreach (var (name, tensor) in inputs)
            if (tensor is not null && !tensor.shape.AsSpan().SequenceEqual([rows, text]))
                throw new SkTuningException($"{name} are [{string.Join(", ", tensor.shape)}], expected [{rows}, {text}].");
        if (request.Outputs is { } outputs && !(outputs.dim() == 2 && outputs.shape[0] == rows && outputs.dtype == ScalarType.Int64))
            throw new SkTuningException($"Outputs are {outputs.dtype} [{string.Join(", ", outputs.shape)}], expected Int64 [{rows}, N].");
        return (rows, text, device);
    }

    /// <summary>Returns the input of the first layer.</summary>
    private Tensor Embedded(ForwardRequest request, SequencePositions positions, long rows, long start, long text)
    {
        var words = request.InputEmbeddings ?? Embeddings.Word(request.Ids!);
        if (!words.shape.AsSpan().SequenceEqual((long[])[rows, text, Embeddings.Size]))
            throw new SkTuningException($"InputEmbeddings are [{string.Join(", ", words.shape)}], expected [{rows}, {text}, {Embeddings.Size}].");
        if (request.Injection.InputPrompt is { } prompt) words = cat([prompt.Exact().expand(rows, start, prompt.shape[2]), words], 1);
        var types = request.TypeIds is null || start == 0
            ? request.TypeIds
            : cat([zeros(rows, start, dtype: ScalarType.Int64, device: words.device), request.TypeIds], 1);
        return Embeddings.Forward(words, positions.Positions, types, _compute);
    }

    /// <summary>
    /// Returns the context of each layer from <paramref name="first"/>. They are made before the first layer runs, because what layers share must outlive the
    /// scope of the layer that needs it first.
    /// </summary>
    private LayerContext[] Contexts(Injection injection, SequencePositions sequence, int first, int count, long operations)
    {
        var bias = new AttentionBias(Config, sequence.Positions, sequence.KeyMask, sequence.Prefix, _compute, injection.KeepsHiddenPositions, _buckets);
        var distances = _distances?.Between(sequence.Positions, bias.KeyPositions, _compute);
        var rotaries = new Dictionary<RotaryTrait, Rotary>();
        var contexts = new LayerContext[Math.Max(0, count - first)];
        for (var l = first; l < count; l++)
        {
            Rotary? rotary = null;
            if (Config.Positions is RotaryPositions positions && positions[l] is { } trait && !rotaries.TryGetValue(trait, out rotary))
                rotaries[trait] = rotary = new(trait, sequence.Positions, sequence.Lengths, _compute);
            var context = injection.In(new(l, _compute) { Rotary = rotary, Distances = distances, Operations = operations }, _layerNames[l]);
            contexts[l - first] = context with { Bias = bias.For(l, context.Prefix is not null) };
        }
        return contexts;
    }

    /// <summary>Returns the floating-point operations in the products of a layer for one token.</summary>
    private static long OperationsPerToken(ModelConfig config)
    {
        var (a, f) = (config.Attention, config.FeedForward);
        var attention = 2L * a.Heads * a.HeadSize + 2L * a.KeyValueHeads * a.HeadSize;
        var inner = f.Mixture is { } mixture ? (long)mixture.Taken * mixture.Size : f.Size;
        return 2 * config.Hidden * (attention + inner * (f.Gated ? 3 : 2));
    }
}
