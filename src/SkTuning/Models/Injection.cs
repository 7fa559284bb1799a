using static TorchSharp.torch;

namespace SkTuning.Models;

/// <summary>
/// The tensors that a tuning method adds to the frozen forward pass. A slot that is null changes nothing. The model knows slots, never methods.
/// B is the number of rows; a first dimension of 1 serves every row without a copy. The caller keeps ownership of the tensors.
/// </summary>
internal sealed record Injection
{
    /// <summary>An injection that changes nothing.</summary>
    public static Injection None { get; } = new();

    /// <summary>Vectors before the word embeddings of the text, [1 or B, P, E] in fp32; the positions of the text start after them.</summary>
    public Tensor? InputPrompt { get; init; }

    /// <summary>Keys and values before those of the text, one entry a layer; null for a layer without a prefix.</summary>
    public IReadOnlyList<LayerPrefix?>? Prefix { get; init; }

    /// <summary>1 for real prefix positions, 0 for padding, [1 or B, P] int64; null: all are real.</summary>
    public Tensor? PrefixMask { get; init; }

    /// <summary>
    /// True if prefix positions whose mask is 0 are hidden where they are; false if they are padding, which takes no position and moves those after it.
    /// </summary>
    public bool KeepsHiddenPositions { get; init; }

    /// <summary>The position of the first text token of each row, [1 or B] int64; null: the prefix's length.</summary>
    public Tensor? PositionOffset { get; init; }

    /// <summary>
    /// A matrix for each head whose product with the queries is added to the output of attention (<see cref="AttentionMemory"/>), one entry a layer,
    /// [1 or B, H, Dh, Dh]; null for a layer without one.
    /// </summary>
    public IReadOnlyList<Tensor?>? Memory { get; init; }

    /// <summary>Changes to linears.</summary>
    public IReadOnlyDictionary<LinearPlace, LinearOverride>? Linears { get; init; }

    /// <summary>
    /// Replacements for frozen tensors of the layers, by their names in the checkpoint without the base prefix: <c>layers.0.input_layernorm.weight</c>.
    /// A vector may have one entry for each row, [B,1,n].
    /// </summary>
    public IReadOnlyDictionary<string, Tensor>? Parameters { get; init; }

    /// <summary>The slots that are filled.</summary>
    internal InjectionSlots Slots
        => (InputPrompt is null ? 0 : InjectionSlots.Prompt) | (Prefix is null ? 0 : InjectionSlots.Prefix) | (Memory is null ? 0 : InjectionSlots.Memory)
            | (Linears is null ? 0 : InjectionSlots.Linears) | (Parameters is null ? 0 : InjectionSlots.Parameters);

    /// <summary>The memory of all tensors, in bytes.</summary>
    internal long Bytes
    {
        get
        {
            var bytes = 0L;
            Copied(t =>
            {
                bytes += t.NumberOfElements * t.ElementSize;
                return t;
            });
            return bytes;
        }
    }

    /// <summary>The length P of the prefix, or 0 without one.</summary>
    internal long PrefixLength => Prefix?.FirstOrDefault(p => p is not null)?.Keys.shape[2] ?? 0;

    /// <summary>An injection of a prefix for every layer.</summary>
    public static Injection OfPrefix(IReadOnlyList<LayerPrefix?> layers) => new() { Prefix = layers };

    /// <summary>
    /// The lowest layer that receives a tensor with a gradient, or the number of layers if nothing is trained. The layers below it compute the same in every
    /// step, so their states can be kept (<see cref="ForwardRequest.From"/>). An input prompt counts as layer 0, the final norm as the last layer. Constants
    /// count as frozen, so call this on an injection that was made with gradients, not on a baked one.
    /// </summary>
    internal int FirstTrainedLayer(Transformer model)
    {
        if (InputPrompt?.requires_grad == true) return 0;
        var layers = model.Config.Layers;
        var first = layers;
        foreach (var (layer, prefix) in (Prefix ?? []).Index())
            if (prefix is not null && (prefix.Keys.requires_grad || prefix.Values.requires_grad)) first = Math.Min(first, layer);
        foreach (var (layer, memory) in (Memory ?? []).Index())
            if (memory?.requires_grad == true) first = Math.Min(first, layer);
        foreach (var (place, change) in Linears ?? new Dictionary<LinearPlace, LinearOverride>())
            if (change.RequiresGradient) first = Math.Min(first, place.Layer);
        foreach (var (name, value) in Parameters ?? new Dictionary<string, Tensor>())
            if (value.requires_grad) first = Math.Min(first, Math.Min(layers - 1, model.FirstLayerOf(name)));
        return first;
    }

    /// <summary>Returns a context with the slots of its layer.</summary>
    /// <param name="context">The context of a layer.</param>
    /// <param name="name">The prefix of the names of the layer's tensors.</param>
    internal LayerContext In(LayerContext context, string name) => context with
    {
        Prefix = Prefix?[context.Layer],
        Memory = Memory?[context.Layer],
        Linears = Linears?.Where(l => l.Key.Layer == context.Layer).ToDictionary(l => l.Key.Part, l => l.Value),
        Replaced = Parameters?.Where(p => p.Key.StartsWith(name, StringComparison.Ordinal)).ToDictionary(p => p.Key, p => p.Value, StringComparer.Ordinal),
    };

    /// <summary>The same slots with a copy of every tensor.</summary>
    internal Injection Copied(Func<Tensor, Tensor> copy) => new()
    {
        InputPrompt = Copy(InputPrompt, copy),
        Prefix = Prefix is null ? null : [.. Prefix.Select(p => p is null ? null : new LayerPrefix(copy(p.Keys), copy(p.Values)))],
        PrefixMask = Copy(PrefixMask, copy),
        KeepsHiddenPositions = KeepsHiddenPositions,
        PositionOffset = Copy(PositionOffset, copy),
        Memory = Memory is null ? null : [.. Memory.Select(m => Copy(m, copy))],
        Linears = Linears?.ToDictionary(l => l.Key, l => l.Value.Copied(copy)),
        Parameters = Parameters?.ToDictionary(p => p.Key, p => copy(p.Value)),
    };

    private static Tensor? Copy(Tensor? tensor, Func<Tensor, Tensor> copy) => tensor is null ? null : copy(tensor);

    /// <summary>Checks every shape against the model, because a wrong one must not reach torch.</summary>
    internal void Check(Transformer model, long rows)
    {
        var config = model.Config;
        var (a, length) = (config.Attention, PrefixLength);
        if (Prefix is not null)
        {
            if (!config.TakesPrefix)
                throw new SkTuningException(
                    $"Models of the family {config.Family} do not support a prefix of keys and values: use a method that works at the input.");
            if (Prefix.Count != config.Layers) throw new SkTuningException($"The prefix has {Prefix.Count} layers, the model has {config.Layers}.");
            foreach (var (layer, prefix) in Prefix.Index())
                foreach (var t in prefix is null ? [] : (Tensor[])[prefix.Keys, prefix.Values])
                    Shape($"prefix of layer {layer}", t, a.KeyValueHeads, length, a.HeadSize);
        }
        if (Memory is not null)
        {
            if (Memory.Count != config.Layers) throw new SkTuningException($"The memory has {Memory.Count} layers, the model has {config.Layers}.");
            foreach (var (layer, memory) in Memory.Index())
                if (memory is not null) Shape($"memory of layer {layer}", memory, a.Heads, a.HeadSize, a.HeadSize);
        }
        foreach (var (place, change) in Linears ?? new Dictionary<LinearPlace, LinearOverride>()) change.Check(model.Linears[place], rows);
        foreach (var (name, value) in Parameters ?? new Dictionary<string, Tensor>())
        {
            if (!model.Replaceable.TryGetValue(name, out var frozen))
                throw new SkTuningException($"The model has no tensor '{name}' that can be replaced, expected one such as {model.Replaceable.Keys.First()}.");
            if (!value.shape.AsSpan().SequenceEqual(frozen.shape) && !(frozen.dim() == 1 && value.shape.AsSpan().SequenceEqual([rows, 1, frozen.shape[0]])))
                throw new SkTuningException($"'{name}' is [{string.Join(", ", value.shape)}], expected [{string.Join(", ", frozen.shape)}].");
        }
        if (PrefixMask is not null) Shape("PrefixMask", PrefixMask, length);
        if (PositionOffset is not null) Shape("PositionOffset", PositionOffset);
        if (InputPrompt is not null)
        {
            if (InputPrompt.dim() != 3) throw new SkTuningException($"InputPrompt has {InputPrompt.dim()} dimensions, expected [1 or {rows}, P, E].");
            Shape("InputPrompt", InputPrompt, InputPrompt.shape[1], config.Embedding.Size > 0 ? config.Embedding.Size : config.Hidden);
        }

        void Shape(string what, Tensor t, params long[] rest)
        {
            var s = t.shape;
            if (s.Length == rest.Length + 1 && (s[0] == 1 || s[0] == rows) && s.AsSpan(1).SequenceEqual(rest)) return;
            throw new SkTuningException($"{what} is [{string.Join(", ", s)}], expected [1 or {string.Join(", ", rest.Prepend(rows))}].");
        }
    }
}

/// <summary>The prefix of one layer.</summary>
/// <param name="Keys">[1 or B, Hkv, P, Dh], after rotary positions.</param>
/// <param name="Values">[1 or B, Hkv, P, Dh].</param>
internal sealed record LayerPrefix(Tensor Keys, Tensor Values);

/// <summary>Kinds of changes to a pass.</summary>
[Flags]
internal enum InjectionSlots
{
    None = 0,
    Prompt = 1,
    Prefix = 2,
    Memory = 4,
    Linears = 8,
    Parameters = 16,
}
