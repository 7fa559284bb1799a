using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SkTuning.Models;

/// <summary>A frozen linear: x [.., in] -> [.., out]. The weight is as the checkpoint has it, [out, in] or, for GPT-2's Conv1D, [in, out].</summary>
internal sealed class FrozenLinear : IDisposable
{
    private readonly Tensor _weight;
    private readonly Tensor? _view;
    private readonly Tensor? _bias;

    private FrozenLinear(Tensor weight, Tensor? bias, bool transposed)
    {
        (_weight, _bias) = (weight, bias);
        if (transposed) _view = weight.t().DetachFromDisposeScope();
    }

    public static FrozenLinear Read(WeightReader weights, string name, long inputs, long outputs, bool bias, bool transposed = false)
        => new(transposed ? weights.Matrix(name, inputs, outputs) : weights.Matrix(name, outputs, inputs), bias ? weights.Bias(name, outputs) : null, transposed);

    public Tensor Forward(Tensor x) => F.linear(x, _view ?? _weight, _bias);

    public void Dispose()
    {
        _view?.Dispose();
        _weight.Dispose();
        _bias?.Dispose();
    }
}
