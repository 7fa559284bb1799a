using static TorchSharp.torch;

namespace SkTuning.Models;

/// <summary>What attention in one layer made of its input, [B,Hkv,S,Dh] each.</summary>
/// <param name="PlainKeys">The keys before rotary positions.</param>
/// <param name="Keys">The keys after them.</param>
/// <param name="Values">The values.</param>
internal readonly record struct LayerKeys(Tensor PlainKeys, Tensor Keys, Tensor Values);

/// <summary>Everything that one layer of one pass needs besides its input. The tensors belong to the pass.</summary>
/// <param name="Layer">The layer that runs; several layers may share one set of weights.</param>
/// <param name="Compute">The dtype of inner products.</param>
internal sealed record LayerContext(int Layer, ScalarType Compute)
{
    /// <summary>The floating-point operations in the products of a layer (<see cref="Native.PassThreads"/>); 0: every thread is used.</summary>
    public long Operations { get; init; }

    /// <summary>The bias that is added to the scores (<see cref="AttentionBias.For"/>).</summary>
    public Tensor? Bias { get; init; }

    /// <summary>Rotates keys, and queries too unless <see cref="QueryRotary"/> does.</summary>
    public Rotary? Rotary { get; init; }

    /// <summary>Rotates queries if the layer computes only some positions.</summary>
    public Rotary? QueryRotary { get; init; }

    /// <summary>The distances between queries and keys (<see cref="AttentionTrait.Disentangled"/>).</summary>
    public Distances? Distances { get; init; }

    /// <summary>The positions of the sequence [B,N] whose states to compute; null: all.</summary>
    public Tensor? Outputs { get; init; }

    /// <summary>Keys and values before those of the sequence; null: none.</summary>
    public LayerPrefix? Prefix { get; init; }

    /// <summary>What is added to the output of attention, [1 or B, H, Dh, Dh] (<see cref="AttentionMemory"/>); null: nothing.</summary>
    public Tensor? Memory { get; init; }

    /// <summary>Changes to this layer's linears.</summary>
    public IReadOnlyDictionary<LinearPart, LinearOverride>? Linears { get; init; }

    /// <summary>Replacements for frozen tensors of this layer.</summary>
    public IReadOnlyDictionary<string, Tensor>? Replaced { get; init; }

    /// <summary>True if the layer applies dropout.</summary>
    public bool HasDropout => Linears?.Values.Any(l => l.Dropout > 0 && l.Down is not null) == true;

    /// <summary>The change to a linear of this layer, or null.</summary>
    public LinearOverride? Change(LinearPart part) => Linears is { } linears && linears.TryGetValue(part, out var change) ? change : null;

    /// <summary>Applies a linear of this layer with its change.</summary>
    public Tensor Apply(FrozenLinear linear, LinearPart part, Tensor x)
        => Change(part) is { } change ? change.Around(x, t => linear.Forward(t, Replaced)) : linear.Forward(x, Replaced);

    /// <summary>Applies the change to one part of a fused linear.</summary>
    /// <param name="part">The part.</param>
    /// <param name="x">The input of the fused linear.</param>
    /// <param name="own">This part of its output.</param>
    /// <param name="again">Computes the same part for another input, which is needed if the change scales the input of this part.</param>
    public Tensor ApplyPart(LinearPart part, Tensor x, Tensor own, Func<Tensor, Tensor> again)
        => Change(part) is { } change ? change.Around(x, t => change.InputScale is null ? own : again(t)) : own;

    /// <summary>The states [B,S,D] at <see cref="Outputs"/>, [B,N,D]; all states if it is null.</summary>
    public Tensor AtOutputs(Tensor states) => Outputs is null ? states : ChosenPositions.Gather(states, Outputs);

    /// <summary>This context for some positions of the sequence [B,N] only: everything that belongs to queries is reduced to these positions.</summary>
    public LayerContext For(Tensor outputs, AttentionTrait attention) => this with
    {
        Outputs = outputs,
        Bias = Bias is null ? null : ChosenPositions.GatherFolded(Bias, outputs, attention.Heads / attention.KeyValueHeads),
        QueryRotary = Rotary?.Copied(t => ChosenPositions.Gather(t.squeeze(1), outputs).unsqueeze(1)),
        Distances = Distances is null ? null : Distances with { Rows = ChosenPositions.Gather(Distances.Rows, outputs) },
    };

    /// <summary>The same context with a copy of every tensor, always in the same order.</summary>
    public LayerContext Copied(Func<Tensor, Tensor> copy)
    {
        return this with
        {
            Bias = Copy(Bias),
            Rotary = Rotary?.Copied(copy),
            QueryRotary = QueryRotary?.Copied(copy),
            Distances = Distances is null ? null : new(copy(Distances.Rows), copy(Distances.Embeddings)),
            Outputs = Copy(Outputs),
            Prefix = Prefix is null ? null : new(copy(Prefix.Keys), copy(Prefix.Values)),
            Memory = Copy(Memory),
            Linears = Linears?.ToDictionary(l => l.Key, l => l.Value.Copied(copy)),
            Replaced = Replaced?.ToDictionary(p => p.Key, p => copy(p.Value), StringComparer.Ordinal),
        };

        Tensor? Copy(Tensor? tensor) => tensor is null ? null : copy(tensor);
    }
}
