using SkTuning.Metrics;
using SkTuning.Native;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SkTuning.Models;

/// <summary>The linears of a layer, by what they do; also the parts of one that does several things at once.</summary>
public enum LinearPart
{
    /// <summary>Queries; a part of <see cref="QueryKeyValue"/> where a family has them in one.</summary>
    Query,

    /// <summary>Keys.</summary>
    Key,

    /// <summary>Values.</summary>
    Value,

    /// <summary>Attention's output.</summary>
    Output,

    /// <summary>The gate of a gated feed-forward; a part of <see cref="GateUp"/> where a family has them in one.</summary>
    Gate,

    /// <summary>The feed-forward's way up.</summary>
    Up,

    /// <summary>The feed-forward's way down.</summary>
    Down,

    /// <summary>Queries, keys and values in one weight (gpt2's c_attn, bloom's query_key_value).</summary>
    QueryKeyValue,

    /// <summary>Gate and up in one weight (phi3's gate_up_proj).</summary>
    GateUp,
}

/// <summary>One linear of a model.</summary>
/// <param name="Layer">The layer, from 0.</param>
/// <param name="Part">Which of its linears.</param>
public readonly record struct LinearPlace(int Layer, LinearPart Part);

/// <summary>What is done around one frozen linear W: y = (W(x·in) + scale·up(down(x·in)) + bias)·out. What is null is left out.</summary>
public sealed record LinearOverride
{
    /// <summary>[in]: the input is multiplied by it.</summary>
    public Tensor? InputScale { get; init; }

    /// <summary>[out]: the output is multiplied by it, bias included.</summary>
    public Tensor? OutputScale { get; init; }

    /// <summary>[r,in]: the first factor of a low-rank addition.</summary>
    public Tensor? Down { get; init; }

    /// <summary>[out,r]: its second factor.</summary>
    public Tensor? Up { get; init; }

    /// <summary>What the low-rank addition is multiplied by.</summary>
    public double LowRankScale { get; init; } = 1;

    /// <summary>The part of the low-rank addition's input that is left out at random.</summary>
    public double Dropout { get; init; }

    /// <summary>[out]: a bias on top of the linear's own.</summary>
    public Tensor? Bias { get; init; }

    /// <summary>True when something in it is trained.</summary>
    internal bool RequiresGradient => (InputScale ?? OutputScale ?? Down ?? Bias) is not null && new[] { InputScale, OutputScale, Down, Up, Bias }.Any(t => t?.requires_grad == true);

    /// <summary>Does it around a linear.</summary>
    internal Tensor Around(Tensor x, Func<Tensor, Tensor> linear)
    {
        if (InputScale is not null) x = x * InputScale.to_type(x.dtype);
        var y = linear(x);
        if (Down is not null)
        {
            var low = F.linear(Dropout > 0 ? F.dropout(x, Dropout, training: true) : x, Down.to_type(x.dtype));
            y = y.Plus(F.linear(low, Up!.to_type(x.dtype)) * LowRankScale.Kept());
        }
        if (Bias is not null) y = y.Plus(Bias.to_type(y.dtype));
        return OutputScale is null ? y : y * OutputScale.to_type(y.dtype);
    }

    /// <summary>The same with every tensor copied.</summary>
    internal LinearOverride Copied(Func<Tensor, Tensor> copy)
    {
        return this with { InputScale = Copy(InputScale), OutputScale = Copy(OutputScale), Down = Copy(Down), Up = Copy(Up), Bias = Copy(Bias) };

        Tensor? Copy(Tensor? tensor) => tensor is null ? null : copy(tensor);
    }

    /// <summary>Checks every shape: a wrong one must not reach torch.</summary>
    internal void Check(LinearSite site)
    {
        var rank = Down is { } down && down.dim() == 2 ? down.shape[0] : 1;
        if (Down is null != Up is null) throw new SkTuningException($"The low-rank addition at {site.Place} has one factor, expected two.");
        foreach (var (name, tensor, expected) in ((string, Tensor?, long[])[])[
            (nameof(InputScale), InputScale, [site.Inputs]), (nameof(OutputScale), OutputScale, [site.Outputs]), (nameof(Bias), Bias, [site.Outputs]),
            (nameof(Down), Down, [rank, site.Inputs]), (nameof(Up), Up, [site.Outputs, rank])])
            if (tensor is not null && !tensor.shape.AsSpan().SequenceEqual(expected))
                throw new SkTuningException($"{name} at {site.Place} is [{string.Join(", ", tensor.shape)}], expected [{string.Join(", ", expected)}].");
    }
}
