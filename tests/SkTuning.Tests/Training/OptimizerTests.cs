using SkTuning.Batches;
using SkTuning.Training;
using static TorchSharp.torch;

namespace SkTuning.Tests.Training;

/// <summary>The flat optimizers give the same results as those of torch, parameter by parameter.</summary>
public sealed class OptimizerTests
{
    [Fact]
    public void Sgd_with_momentum_is_torchs() => Same(p => new Sgd(p, 0.9, 0), t => optim.SGD([t], 0.05, momentum: 0.9));

    [Fact]
    public void AdamW_is_torchs() => Same(p => new AdamW(p, 0.1), t => optim.AdamW([t], 0.05, weight_decay: 0.1));

    private static void Same(Func<ParameterSet, Optimizer> ours, Func<TorchSharp.Modules.Parameter, optim.Optimizer> torchs)
    {
        using var scope = NewDisposeScope();
        random.manual_seed(1);
        var start = randn(7);
        using var set = new ParameterSet([new("adapter.w", [7], (values, _) => start.data<float>().ToArray().CopyTo(values))], 1, CPU);
        var parameter = new TorchSharp.Modules.Parameter(start.clone());
        using var optimizer = ours(set);
        using var expected = torchs(parameter);
        for (var step = 0; step < 5; step++)
        {
            var gradient = randn(7);
            set.Gradients.copy_(gradient);
            parameter.grad = gradient.clone();
            optimizer.Step(0.05, 0.05);
            expected.step();
        }
        Fixtures.AssertClose(parameter.detach(), set.Values, "values", 1e-6);
    }
}
