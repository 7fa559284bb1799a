using SkTuning.Batches;
using SkTuning.Native;
using static TorchSharp.torch;

namespace SkTuning.Training;

/// <summary>AdamW with decoupled weight decay (arXiv 1711.05101).</summary>
/// <param name="parameters">The trained values.</param>
/// <param name="weightDecay">The decoupled decay.</param>
/// <param name="beta1">The decay of the mean gradient.</param>
/// <param name="beta2">The decay of the mean squared gradient.</param>
/// <param name="epsilon">Keeps the division finite.</param>
internal sealed class AdamW(ParameterSet parameters, double weightDecay, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8)
    : Optimizer(parameters)
{
    private readonly Tensor _first = Zeros(parameters), _second = Zeros(parameters);

    public override IReadOnlyList<(string Name, Tensor Value)> Moments => [("first", _first), ("second", _second)];

    protected override void Remember(Tensor gradient)
    {
        _first.mul_(beta1.Kept()).add_(gradient, alpha: (1 - beta1).Kept());
        _second.mul_(beta2.Kept()).addcmul_(gradient, gradient, value: (1 - beta2).Kept());
    }

    protected override void Update(Tensor values, long from, long count, double rate)
    {
        var decayed = values.mul_((1 - rate * weightDecay).Kept());
        var denominator = (_second.narrow(0, from, count).sqrt() / Math.Sqrt(1 - Math.Pow(beta2, Steps)).Kept()).Plus_(epsilon.Kept());
        decayed.addcdiv_(_first.narrow(0, from, count), denominator, value: (-rate / (1 - Math.Pow(beta1, Steps))).Kept());
    }
}
