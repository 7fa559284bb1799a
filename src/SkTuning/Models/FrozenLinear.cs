using static TorchSharp.torch;

namespace SkTuning.Models;

/// <summary>A frozen linear: x [.., in] -> [.., out].</summary>
internal sealed class FrozenLinear : IDisposable
{
    private readonly FrozenMatrix _weight;
    private readonly Tensor? _bias;

    private FrozenLinear(FrozenMatrix weight, Tensor? bias) => (_weight, _bias) = (weight, bias);

    /// <param name="weights">The checkpoint.</param>
    /// <param name="name">Without ".weight".</param>
    /// <param name="inputs">Values that go in.</param>
    /// <param name="outputs">Values that come out.</param>
    /// <param name="bias">A bias beside the weight.</param>
    /// <param name="transposed">The checkpoint has the weight as [in, out] (GPT-2's Conv1D).</param>
    public static FrozenLinear Read(WeightReader weights, string name, long inputs, long outputs, bool bias, bool transposed = false)
        => new(weights.Matrix(name, outputs, inputs, transposed), bias ? weights.Bias(name, outputs) : null);

    public Tensor Forward(Tensor x) => _weight.Product(x, _bias);

    public void Dispose()
    {
        _weight.Dispose();
        _bias?.Dispose();
    }
}
