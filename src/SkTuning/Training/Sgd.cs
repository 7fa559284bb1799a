using SkTuning.Batches;
using SkTuning.Native;
using static TorchSharp.torch;

namespace SkTuning.Training;

/// <summary>m = momentum·m + g; w = (1 - rate·decay)·w - rate·m: torch's SGD without dampening, with decoupled decay.</summary>
internal sealed class Sgd(ParameterSet parameters, double momentum, double weightDecay) : Optimizer(parameters)
{
    private readonly Tensor _velocity = Zeros(parameters);

    public override IReadOnlyList<(string Name, Tensor Value)> Moments => [("velocity", _velocity)];

    protected override void Remember(Tensor gradient) => _velocity.mul_(momentum.Kept()).Plus_(gradient);

    protected override void Update(Tensor values, long from, long count, double rate)
        => values.mul_((1 - rate * weightDecay).Kept()).add_(_velocity.narrow(0, from, count), alpha: (-rate).Kept());
}
