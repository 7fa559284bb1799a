using SkTuning.Batches;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SkTuning.Methods;

/// <summary>The small adapter of SK-Tuning: up(gelu(down(layer_norm(h)))), with biases on both factors and a norm without weights.</summary>
/// <param name="name">The prefix of its tensors' names, including the dot.</param>
/// <param name="inputs">The size of a state.</param>
/// <param name="inner">The number of hidden units.</param>
/// <param name="outputs">The number of outputs.</param>
/// <param name="fromZero">True if the last factor, and so the output, starts at zero.</param>
internal sealed class Bottleneck(string name, long inputs, long inner, long outputs, bool fromZero = true)
{
    private const double NormEpsilon = 1e-5;

    public IReadOnlyList<ParameterSpec> Parameters { get; } =
    [
        new(name + "down.weight", [inner, inputs], ParameterStarts.Linear(inputs)),
        new(name + "down.bias", [inner], ParameterStarts.Linear(inputs)),
        new(name + "up.weight", [outputs, inner], fromZero ? ParameterStarts.Zero : ParameterStarts.Linear(inner)),
        new(name + "up.bias", [outputs], fromZero ? ParameterStarts.Zero : ParameterStarts.Linear(inner)),
    ];

    /// <summary>[P, inputs] -> [P, outputs].</summary>
    public Tensor Forward(Tensor states, ParameterSet parameters, double dropout)
    {
        using var scope = NewDisposeScope();
        var normed = F.layer_norm(states, [inputs], null, null, NormEpsilon);
        var hidden = F.gelu(F.linear(normed, Of("down.weight"), Of("down.bias")));
        if (dropout > 0) hidden = F.dropout(hidden, dropout, training: true);
        return F.linear(hidden, Of("up.weight"), Of("up.bias")).MoveToOuterDisposeScope();

        Tensor Of(string part) => parameters.Adapter(name + part);
    }
}
