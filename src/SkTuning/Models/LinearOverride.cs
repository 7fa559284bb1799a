using SkTuning.Native;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SkTuning.Models;

/// <summary>The linears of a layer by their role, and the parts of a fused linear.</summary>
internal enum LinearPart
{
    /// <summary>Queries; a part of <see cref="QueryKeyValue"/> where a family fuses them.</summary>
    Query,

    /// <summary>Keys.</summary>
    Key,

    /// <summary>Values.</summary>
    Value,

    /// <summary>The output projection of attention.</summary>
    Output,

    /// <summary>The gate of a gated feed-forward; a part of <see cref="GateUp"/> where a family fuses them.</summary>
    Gate,

    /// <summary>The feed-forward's projection to its inner size.</summary>
    Up,

    /// <summary>The feed-forward's projection back to the hidden size.</summary>
    Down,

    /// <summary>Queries, keys and values in one weight (gpt2's c_attn, bloom's query_key_value).</summary>
    QueryKeyValue,

    /// <summary>Gate and up in one weight (phi3's gate_up_proj).</summary>
    GateUp,
}

/// <summary>One linear of a model.</summary>
/// <param name="Layer">The layer, from 0.</param>
/// <param name="Part">The linear in that layer.</param>
internal readonly record struct LinearPlace(int Layer, LinearPart Part);

/// <summary>
/// A change to one frozen linear W: y = (W(x·in) + scale·up(down(x·in)) + bias)·out. Parts that are null are left out. In a batch of several adapters, each
/// tensor has one entry for each row: [B,1,in] and so on, [B,r,in] and [B,out,r].
/// </summary>
internal sealed record LinearOverride
{
    /// <summary>[in]: a factor on the input.</summary>
    public Tensor? InputScale { get; init; }

    /// <summary>[out]: a factor on the output, bias included.</summary>
    public Tensor? OutputScale { get; init; }

    /// <summary>Receives the input of the linear, before it is scaled.</summary>
    public Action<Tensor>? Tap { get; init; }

    /// <summary>[r,in]: the first factor of a low-rank addition.</summary>
    public Tensor? Down { get; init; }

    /// <summary>[out,r]: the second factor of the low-rank addition.</summary>
    public Tensor? Up { get; init; }

    /// <summary>The scale of the low-rank addition.</summary>
    public double LowRankScale { get; init; } = 1;

    /// <summary>The dropout probability on the input of the low-rank addition.</summary>
    public double Dropout { get; init; }

    /// <summary>[out]: a bias in addition to the linear's own.</summary>
    public Tensor? Bias { get; init; }

    /// <summary>True if any of its tensors is trained.</summary>
    internal bool RequiresGradient
        => (InputScale ?? OutputScale ?? Down ?? Bias) is not null && new[] { InputScale, OutputScale, Down, Up, Bias }.Any(t => t?.requires_grad == true);

    /// <summary>Applies a linear with this change.</summary>
    internal Tensor Around(Tensor x, Func<Tensor, Tensor> linear)
    {
        Tap?.Invoke(x);
        if (InputScale is not null) x = x * InputScale.to_type(x.dtype);
        var y = linear(x);
        if (Down is not null)
        {
            var low = Product(Dropout > 0 ? F.dropout(x, Dropout, training: true) : x, Down.to_type(x.dtype));
            y = y.Plus(Product(low, Up!.to_type(x.dtype)) * LowRankScale.Kept());
        }
        if (Bias is not null) y = y.Plus(Bias.to_type(y.dtype));
        return OutputScale is null ? y : y * OutputScale.to_type(y.dtype);
    }

    /// <summary>x [B,S,in] times one factor [out,in], or one for each row [B,out,in].</summary>
    private static Tensor Product(Tensor x, Tensor factor) => factor.dim() == 2 ? F.linear(x, factor) : x.bmm(factor.transpose(1, 2));

    /// <summary>The same change with a copy of every tensor.</summary>
    internal LinearOverride Copied(Func<Tensor, Tensor> copy)
    {
        return this with { InputScale = Copy(InputScale), OutputScale = Copy(OutputScale), Down = Copy(Down), Up = Copy(Up), Bias = Copy(Bias) };

        Tensor? Copy(Tensor? tensor) => tensor is null ? null : copy(tensor);
    }

    /// <summary>Checks every shape, because a wrong one must not reach torch.</summary>
    /// <param name="site">The linear.</param>
    /// <param name="rows">The number of rows of the batch.</param>
    internal void Check(LinearSite site, long rows)
    {
        if (Down is null != Up is null) throw new SkTuningException($"The low-rank addition at {site.Place} has one factor, expected two.");
        var rank = Down is { } down && down.dim() >= 2 ? down.shape[^2] : 1;
        foreach (var (name, tensor, expected, ofRows) in ((string, Tensor?, long[], long[])[])[
            Vector(nameof(InputScale), InputScale, site.Inputs), Vector(nameof(OutputScale), OutputScale, site.Outputs),
            Vector(nameof(Bias), Bias, site.Outputs),
            (nameof(Down), Down, [rank, site.Inputs], [rows, rank, site.Inputs]), (nameof(Up), Up, [site.Outputs, rank], [rows, site.Outputs, rank])])
            if (tensor is not null && !tensor.shape.AsSpan().SequenceEqual(expected) && !tensor.shape.AsSpan().SequenceEqual(ofRows))
                throw new SkTuningException($"{name} at {site.Place} is [{string.Join(", ", tensor.shape)}], expected [{string.Join(", ", expected)}].");

        (string, Tensor?, long[], long[]) Vector(string name, Tensor? tensor, long size) => (name, tensor, [size], [rows, 1, size]);
    }
}
