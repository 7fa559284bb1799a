using SkTuning.Batches;
using SkTuning.Native;
using static TorchSharp.torch;

namespace SkTuning.Training;

/// <summary>Updates a flat parameter set from its flat gradient, with one learning rate for the adapter and one for the head.</summary>
internal abstract class Optimizer(ParameterSet parameters) : IDisposable
{
    private readonly long _adapter = parameters.AdapterCount, _head = parameters.HeadCount;

    public static Optimizer Create(TrainingOptions options, ParameterSet parameters) => options.Optimizer switch
    {
        OptimizerKind.Sgd => new Sgd(parameters, options.Momentum, options.WeightDecay),
        OptimizerKind.Adafactor => new Adafactor(parameters, options.WeightDecay),
        _ => new AdamW(parameters, options.WeightDecay),
    };

    /// <summary>The number of steps taken; set when a run is resumed.</summary>
    public int Steps { get; set; }

    /// <summary>What the optimizer remembers between steps, one dimension each, with names for a checkpoint.</summary>
    public abstract IReadOnlyList<(string Name, Tensor Value)> Moments { get; }

    /// <summary>
    /// Updates the parameters from the gradients, multiplied by <paramref name="gradientScale"/>. A learning rate of 0 leaves the adapter or the head
    /// unchanged.
    /// </summary>
    public void Step(double adapterRate, double headRate, double gradientScale = 1)
    {
        using var off = no_grad();
        using var scope = NewDisposeScope();
        Take(adapterRate, headRate, gradientScale == 1 ? parameters.Gradients : parameters.Gradients * gradientScale.Kept());
    }

    /// <summary>Does the same with a factor that stays on the device, so that nothing waits for it.</summary>
    public void Step(double adapterRate, double headRate, Tensor gradientScale)
    {
        using var off = no_grad();
        using var scope = NewDisposeScope();
        Take(adapterRate, headRate, parameters.Gradients * gradientScale);
    }

    private void Take(double adapterRate, double headRate, Tensor gradient)
    {
        Steps++;
        Remember(gradient);
        foreach (var (from, count, rate) in ((long, long, double)[])[(0, _adapter, adapterRate), (_adapter, _head, headRate)])
            if (count > 0 && rate != 0) Update(parameters.Values.narrow(0, from, count), from, count, rate);
        parameters.Changed();
    }

    /// <summary>Updates the moments from a gradient.</summary>
    protected abstract void Remember(Tensor gradient);

    /// <summary>Updates a range of the values in place.</summary>
    protected abstract void Update(Tensor values, long from, long count, double rate);

    private protected static Tensor Zeros(ParameterSet parameters)
    {
        using var off = no_grad();
        return zeros_like(parameters.Values).DetachFromDisposeScope();
    }

    public void Dispose()
    {
        foreach (var (_, value) in Moments) value.Dispose();
    }
}
