using SkTuning.Native;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SkTuning.Models;

/// <summary>A frozen linear layer: x [.., in] -> [.., out].</summary>
internal sealed class FrozenLinear : IDisposable
{
    private readonly string _name;
    private readonly bool _transposed;
    private readonly FrozenMatrix _weight;
    private readonly Tensor? _bias;

    private FrozenLinear(string name, FrozenMatrix weight, Tensor? bias, bool transposed)
        => (_name, _weight, _bias, _transposed) = (name, weight, bias, transposed);

    /// <summary>Reads a linear layer.</summary>
    /// <param name="weights">The checkpoint.</param>
    /// <param name="name">The name without ".weight".</param>
    /// <param name="inputs">The number of input values.</param>
    /// <param name="outputs">The number of output values.</param>
    /// <param name="bias">Whether there is a bias besides the weight.</param>
    /// <param name="transposed">The checkpoint has the weight as [in, out] (GPT-2's Conv1D).</param>
    public static FrozenLinear Read(WeightReader weights, string name, long inputs, long outputs, bool bias, bool transposed = false)
    {
        var linear = new FrozenLinear(name, weights.Matrix(name, outputs, inputs, transposed), bias ? weights.Bias(name, outputs) : null, transposed);
        // Quantized blocks are not a tensor, so a pass cannot replace them.
        if (linear._weight is PlainMatrix plain) weights.Replaceable[name + ".weight"] = plain.Stored;
        if (linear._bias is not null) weights.Replaceable[name + ".bias"] = linear._bias;
        return linear;
    }

    /// <summary>Returns a copy with some outputs (dimension 0) or some inputs (dimension 1), which the caller disposes.</summary>
    /// <param name="units">The indices, [n] int64, ascending.</param>
    /// <param name="dimension">0 for outputs, 1 for inputs.</param>
    /// <param name="tensors">Receives the new tensors by canonical name.</param>
    public FrozenLinear Sliced(Tensor units, int dimension, IDictionary<string, Tensor> tensors)
    {
        using var off = no_grad();
        var weight = _weight.Sliced(units, dimension);
        var bias = _bias is null ? null : dimension == 0 ? PlainMatrix.Slice(_bias, units, 0) : _bias.clone().DetachFromDisposeScope();
        tensors[_name + ".weight"] = weight.Stored;
        if (bias is not null) tensors[_name + ".bias"] = bias;
        return new(_name, weight, bias, _transposed);
    }

    /// <summary>Returns the sum of the squares of the weights of each output (dimension 0) or input (dimension 1), fp32 [n].</summary>
    /// <param name="count">The number of outputs or inputs.</param>
    /// <param name="dimension">0 for outputs, 1 for inputs.</param>
    /// <param name="device">The device of the weights.</param>
    public Tensor Squares(long count, int dimension, Device device)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var all = _weight.Sliced(Numbers.Range(0, count, device), dimension);
        return (_transposed ? all.Stored.t() : all.Stored).Exact().Squared().sum([1 - dimension]).MoveToOuterDisposeScope();
    }

    /// <param name="x">[.., in].</param>
    /// <param name="replaced">Replacements for frozen tensors, by canonical name. A bias is [out], or [B,1,out] for x [B,S,in].</param>
    public Tensor Forward(Tensor x, IReadOnlyDictionary<string, Tensor>? replaced = null)
    {
        if (replaced is null) return _weight.Product(x, _bias);
        var bias = replaced.TryGetValue(_name + ".bias", out var b) ? b.to_type(x.dtype) : _bias;
        if (bias?.dim() == 3) return Forward(x, replaced, null).Plus_(bias);
        return Forward(x, replaced, bias);
    }

    private Tensor Forward(Tensor x, IReadOnlyDictionary<string, Tensor> replaced, Tensor? bias)
        => replaced.TryGetValue(_name + ".weight", out var w) ? F.linear(x, (_transposed ? w.t() : w).to_type(x.dtype), bias) : _weight.Product(x, bias);

    public void Dispose()
    {
        _weight.Dispose();
        _bias?.Dispose();
    }
}
