using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SkTuning.Models;

/// <summary>A frozen weight [out, in] that gives products and rows, however it is stored.</summary>
internal abstract class FrozenMatrix : IDisposable
{
    /// <summary>Returns x [.., in] -> [.., out] in the dtype of <paramref name="x"/>. Gradients flow to x only.</summary>
    public abstract Tensor Product(Tensor x, Tensor? bias);

    /// <summary>Returns the rows of ids [n], [n, in] in the stored dtype.</summary>
    public abstract Tensor Rows(Tensor ids);

    /// <summary>Returns a copy of some outputs (dimension 0) or some inputs (dimension 1), as numbers in the same layout. It shares no memory.</summary>
    /// <param name="units">The indices, [n] int64, ascending.</param>
    /// <param name="dimension">0 for outputs, 1 for inputs.</param>
    public abstract PlainMatrix Sliced(Tensor units, int dimension);

    public abstract void Dispose();
}

/// <summary>
/// A matrix that is a tensor: a view of the mapped file, or values in memory. If <paramref name="transposed"/>, it is [in, out] (GPT-2's Conv1D).
/// </summary>
internal sealed class PlainMatrix(Tensor weight, bool transposed = false) : FrozenMatrix
{
    /// <summary>The tensor in the layout of the checkpoint.</summary>
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

    public override PlainMatrix Sliced(Tensor units, int dimension) => new(Slice(weight, units, transposed ? 1 - dimension : dimension), transposed);

    /// <summary>Copies some rows or columns. A matrix that is in memory column by column (<see cref="WeightReader"/>) stays so.</summary>
    internal static Tensor Slice(Tensor matrix, Tensor units, int dimension)
    {
        using var off = no_grad();
        if (matrix.dim() == 1 || matrix.is_contiguous()) return matrix.index_select(dimension, units).DetachFromDisposeScope();
        using var columns = matrix.t();
        using var slice = columns.index_select(1 - dimension, units);
        return slice.t().DetachFromDisposeScope();
    }

    public override void Dispose()
    {
        _view?.Dispose();
        weight.Dispose();
    }
}
