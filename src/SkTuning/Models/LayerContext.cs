using static TorchSharp.torch;

namespace SkTuning.Models;

/// <summary>All that one layer of one pass sees beside its input. The tensors are those of the pass.</summary>
/// <param name="Layer">The layer that runs: one set of weights may serve several.</param>
/// <param name="Compute">The dtype of inner products.</param>
internal sealed record LayerContext(int Layer, ScalarType Compute)
{
    /// <summary>What is added to the scores (<see cref="AttentionBias.For"/>).</summary>
    public Tensor? Bias { get; init; }

    /// <summary>Turns keys, and queries unless <see cref="QueryRotary"/> does.</summary>
    public Rotary? Rotary { get; init; }

    /// <summary>Turns queries where only some places are asked for.</summary>
    public Rotary? QueryRotary { get; init; }

    public Distances? Distances { get; init; }

    /// <summary>Places of the sequence [B,N] whose states are asked for; null: all.</summary>
    public Tensor? Outputs { get; init; }

    public LayerPrefix? Prefix { get; init; }

    /// <summary>What is done around this layer's linears.</summary>
    public IReadOnlyDictionary<LinearPart, LinearOverride>? Linears { get; init; }

    /// <summary>Tensors of this layer in place of frozen ones.</summary>
    public IReadOnlyDictionary<string, Tensor>? Replaced { get; init; }

    /// <summary>True where something is left out at random.</summary>
    public bool HasDropout => Linears?.Values.Any(l => l.Dropout > 0 && l.Down is not null) == true;

    /// <summary>What is done around a linear of this layer.</summary>
    public LinearOverride? Change(LinearPart part) => Linears is { } linears && linears.TryGetValue(part, out var change) ? change : null;

    /// <summary>A linear of this layer with all that is done to it.</summary>
    public Tensor Apply(FrozenLinear linear, LinearPart part, Tensor x) => Change(part) is { } change ? change.Around(x, t => linear.Forward(t, Replaced)) : linear.Forward(x, Replaced);

    /// <summary>A part of a fused linear with what is done to that part.</summary>
    /// <param name="part">Which.</param>
    /// <param name="x">The fused linear's input.</param>
    /// <param name="own">The part of its output.</param>
    /// <param name="again">The same part for another input: needed when this part's input is scaled.</param>
    public Tensor ApplyPart(LinearPart part, Tensor x, Tensor own, Func<Tensor, Tensor> again)
        => Change(part) is { } change ? change.Around(x, t => change.InputScale is null ? own : again(t)) : own;

    /// <summary>The states [B,S,D] that are asked for, [B,N,D]; all of them where all are.</summary>
    public Tensor AtOutputs(Tensor states) => Outputs is null ? states : ChosenPositions.Gather(states, Outputs);

    /// <summary>This context for some places of the sequence [B,N] alone: what belongs to queries is cut down to them.</summary>
    public LayerContext For(Tensor outputs, AttentionTrait attention) => this with
    {
        Outputs = outputs,
        Bias = Bias is null ? null : ChosenPositions.GatherFolded(Bias, outputs, attention.Heads / attention.KeyValueHeads),
        QueryRotary = Rotary?.Copied(t => ChosenPositions.Gather(t.squeeze(1), outputs).unsqueeze(1)),
        Distances = Distances is null ? null : Distances with { Rows = ChosenPositions.Gather(Distances.Rows, outputs) },
    };

    /// <summary>The same with every tensor copied, always in the same order.</summary>
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
            Linears = Linears?.ToDictionary(l => l.Key, l => l.Value.Copied(copy)),
            Replaced = Replaced?.ToDictionary(p => p.Key, p => copy(p.Value), StringComparer.Ordinal),
        };

        Tensor? Copy(Tensor? tensor) => tensor is null ? null : copy(tensor);
    }
}
