using SkTuning.Tuning;
using static TorchSharp.torch;

namespace SkTuning.Training;

/// <summary>AdamW with decoupled weight decay (arXiv 1711.05101) over a flat parameter set.</summary>
/// <param name="parameters">What is trained.</param>
/// <param name="weightDecay">Decoupled decay.</param>
/// <param name="headRate">The head's learning rate as a multiple of the adapter's.</param>
/// <param name="beta1">Decay of the mean gradient.</param>
/// <param name="beta2">Decay of the mean squared gradient.</param>
/// <param name="epsilon">Keeps the division finite.</param>
internal sealed class AdamW(ParameterSet parameters, double weightDecay, double headRate = 1, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8) : IDisposable
{
    private readonly Tensor _first = Zeros(parameters), _second = Zeros(parameters);
    private readonly long _adapter = parameters.Specs.Where(s => !s.Name.StartsWith("head.", StringComparison.Ordinal)).Sum(s => s.Count);

    /// <summary>Steps taken.</summary>
    public int Steps { get; private set; }

    /// <summary>One update from the gradients as they stand, multiplied by <paramref name="gradientScale"/>.</summary>
    public void Step(double learningRate, double gradientScale = 1)
    {
        using var off = no_grad();
        using var scope = NewDisposeScope();
        Steps++;
        var gradient = gradientScale == 1 ? parameters.Gradients : parameters.Gradients * gradientScale;
        _first.mul_(beta1).add_(gradient, alpha: 1 - beta1);
        _second.mul_(beta2).addcmul_(gradient, gradient, value: 1 - beta2);
        Update(0, _adapter, learningRate);
        Update(_adapter, parameters.Count - _adapter, learningRate * headRate);
        parameters.Changed();
    }

    private void Update(long from, long count, double rate)
    {
        if (count == 0) return;
        var decayed = parameters.Values.narrow(0, from, count).mul_(1 - rate * weightDecay);
        var denominator = (_second.narrow(0, from, count).sqrt() / Math.Sqrt(1 - Math.Pow(beta2, Steps))).add_(epsilon);
        decayed.addcdiv_(_first.narrow(0, from, count), denominator, value: -rate / (1 - Math.Pow(beta1, Steps)));
    }

    private static Tensor Zeros(ParameterSet parameters)
    {
        using var off = no_grad();
        return zeros_like(parameters.Values).DetachFromDisposeScope();
    }

    public void Dispose()
    {
        _first.Dispose();
        _second.Dispose();
    }
}
