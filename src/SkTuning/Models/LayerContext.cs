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
    public Tensor? Asked { get; init; }

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
    public Tensor OfAsked(Tensor states) => Asked is null ? states : Places.Gather(states, Asked);

    /// <summary>This context for some places of the sequence [B,N] alone: what belongs to queries is cut down to them.</summary>
    public LayerContext For(Tensor asked, AttentionTrait attention) => this with
    {
        Asked = asked,
        Bias = Bias is null ? null : Places.GatherFolded(Bias, asked, attention.Heads / attention.KeyValueHeads),
        QueryRotary = Rotary?.Copied(t => Places.Gather(t.squeeze(1), asked).unsqueeze(1)),
        Distances = Distances is null ? null : Distances with { Rows = Places.Gather(Distances.Rows, asked) },
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
            Asked = Copy(Asked),
            Prefix = Prefix is null ? null : new(copy(Prefix.Keys), copy(Prefix.Values)),
            Linears = Linears?.ToDictionary(l => l.Key, l => l.Value.Copied(copy)),
            Replaced = Replaced?.ToDictionary(p => p.Key, p => copy(p.Value), StringComparer.Ordinal),
        };

        Tensor? Copy(Tensor? tensor) => tensor is null ? null : copy(tensor);
    }
}

/// <summary>Chosen places of a sequence.</summary>
internal static class Places
{
    /// <summary>[1 or B, S, X] at places [B,N]: [B,N,X].</summary>
    public static Tensor Gather(Tensor values, Tensor places)
        => values.expand(places.shape[0], values.shape[1], values.shape[2]).gather(1, places.unsqueeze(-1).expand(places.shape[0], places.shape[1], values.shape[2]));

    /// <summary>[1 or B, H, G·S, K], queries folded by group, at places [B,N]: [B, H, G·N, K].</summary>
    public static Tensor GatherFolded(Tensor values, Tensor places, long group)
    {
        var (rows, n, heads, k) = (places.shape[0], places.shape[1], values.shape[1], values.shape[3]);
        var length = values.shape[2] / group;
        var each = values.view(values.shape[0], heads * group, length, k).expand(rows, heads * group, length, k);
        return each.gather(2, places.view(rows, 1, n, 1).expand(rows, heads * group, n, k)).view(rows, heads, group * n, k);
    }
}
