using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SkTuning.Models;

/// <summary>A frozen weight [out, in] of which products and rows are asked for, however it is kept.</summary>
internal abstract class FrozenMatrix : IDisposable
{
    /// <summary>x [.., in] -> [.., out] in the dtype of <paramref name="x"/>; gradients go to x alone.</summary>
    public abstract Tensor Product(Tensor x, Tensor? bias);

    /// <summary>The rows of ids [n]: [n, in] in the dtype they are kept in.</summary>
    public abstract Tensor Rows(Tensor ids);

    public abstract void Dispose();
}

/// <summary>A matrix that is a tensor: a view of the mapped file, or numbers in memory. It is [in, out] where <paramref name="transposed"/> (GPT-2's Conv1D).</summary>
internal sealed class PlainMatrix(Tensor weight, bool transposed = false) : FrozenMatrix
{
    /// <summary>The tensor as the checkpoint has it.</summary>
    public Tensor Stored => weight;

    private readonly Tensor? _view = transposed ? weight.t().DetachFromDisposeScope() : null;

    public override Tensor Product(Tensor x, Tensor? bias)
    {
        var matrix = _view ?? weight;
        if (matrix.dtype == x.dtype) return F.linear(x, matrix, bias);
        using var converted = matrix.to_type(x.dtype);
        return F.linear(x, converted, bias);
    }

    public override Tensor Rows(Tensor ids) => weight.index_select(0, ids);

    public override void Dispose()
    {
        _view?.Dispose();
        weight.Dispose();
    }
}
