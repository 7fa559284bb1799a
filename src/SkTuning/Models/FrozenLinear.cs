using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SkTuning.Models;

/// <summary>A frozen linear: x [.., in] -> [.., out]. The weight is as the checkpoint has it, [out, in] or, for GPT-2's Conv1D, [in, out].</summary>
internal sealed class FrozenLinear : IDisposable
{
    private readonly string _name;
    private readonly bool _transposed;
    private readonly Tensor _weight;
    private readonly Tensor? _view;
    private readonly Tensor? _bias;

    private FrozenLinear(string name, Tensor weight, Tensor? bias, bool transposed)
    {
        (_name, _weight, _bias, _transposed) = (name, weight, bias, transposed);
        if (transposed) _view = weight.t().DetachFromDisposeScope();
    }

    public static FrozenLinear Read(WeightReader weights, string name, long inputs, long outputs, bool bias, bool transposed = false)
    {
        var linear = new FrozenLinear(name, transposed ? weights.Matrix(name, inputs, outputs) : weights.Matrix(name, outputs, inputs), bias ? weights.Bias(name, outputs) : null, transposed);
        weights.Replaceable[name + ".weight"] = linear._weight;
        if (linear._bias is not null) weights.Replaceable[name + ".bias"] = linear._bias;
        return linear;
    }

    /// <param name="x">[.., in].</param>
    /// <param name="replaced">Tensors that stand in for frozen ones, by canonical name.</param>
    public Tensor Forward(Tensor x, IReadOnlyDictionary<string, Tensor>? replaced = null)
    {
        if (replaced is null) return F.linear(x, _view ?? _weight, _bias);
        var weight = replaced.TryGetValue(_name + ".weight", out var w) ? (_transposed ? w.t() : w).to_type(x.dtype) : _view ?? _weight;
        return F.linear(x, weight, replaced.TryGetValue(_name + ".bias", out var b) ? b.to_type(x.dtype) : _bias);
    }

    public void Dispose()
    {
        _view?.Dispose();
        _weight.Dispose();
        _bias?.Dispose();
    }
}
