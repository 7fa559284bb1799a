using SkTuning.Metrics;
using SkTuning.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace SkTuning.Checkpoints.Gguf;

/// <summary>
/// A weight kept as the blocks of its file: raw bytes (mapped, or a copy), their type and shape. A frozen layer holds one and expands it when it
/// computes, so that the expanded weight lives for one product only.
/// </summary>
internal sealed unsafe class QuantizedTensor : IDisposable
{
    private readonly byte* _data;
    private readonly INativeMemory _owner;
    private readonly long _rows;
    private readonly int[]? _order;
    private int _disposed;

    /// <param name="name">The tensor's name, for errors.</param>
    /// <param name="type">How the blocks are written.</param>
    /// <param name="shape">The shape as stored, outermost first; its last dimension is whole blocks.</param>
    /// <param name="data">The blocks; the caller has checked that they are all there.</param>
    /// <param name="owner">What keeps them there. One use of it is added, and given back by <see cref="Dispose"/>.</param>
    /// <param name="order">Which stored row is row i of this tensor; null for all as stored.</param>
    /// <param name="transposed">See <see cref="Transposed"/>.</param>
    public QuantizedTensor(string name, BlockType type, long[] shape, byte* data, INativeMemory owner, int[]? order = null, bool transposed = false)
    {
        owner.AddUser();
        (Name, Type, Shape, _owner, _order, Transposed) = (name, type, shape, owner, order, transposed);
        _data = data;
        RowLength = shape.Length == 0 ? 1 : shape[^1];
        _rows = shape.Take(shape.Length - 1).Aggregate(1L, (product, size) => product * size);
    }

    public string Name { get; }
    public BlockType Type { get; }

    /// <summary>[out, in] for a linear layer: one row of blocks is the weights of one output.</summary>
    public long[] Shape { get; }

    /// <summary>The checkpoint of this name has the matrix as [in, out] (GPT-2's Conv1D); the blocks, <see cref="Shape"/> and what is expanded are [out, in].</summary>
    public bool Transposed { get; }

    /// <summary>Values in a row.</summary>
    public long RowLength { get; }

    /// <summary>Bytes of all blocks.</summary>
    public long Bytes => _rows * (RowLength / Type.Values) * Type.Bytes;

    /// <summary>True where the blocks are looked at in the mapped file; false where they are a copy.</summary>
    public bool IsMapped => _owner is Checkpoints.MappedFile;

    /// <summary>All of it, as a new CPU tensor of <see cref="Shape"/>, owned by the caller.</summary>
    public Tensor Dequantize(ScalarType dtype, WeightMemory? memory = null) => Expand(Shape, 0, _rows, _order, dtype, memory);

    /// <summary>Rows <paramref name="first"/> to first+count-1 as a new tensor [count, <see cref="RowLength"/>].</summary>
    public Tensor DequantizeRows(long first, long count, ScalarType dtype)
    {
        Check(first, count);
        return _order is null ? Expand([count, RowLength], first, count, null, dtype) : Expand([count, RowLength], 0, _rows, _order[(int)first..(int)(first + count)], dtype);
    }

    /// <summary>Rows <paramref name="first"/> to first+count-1 into memory of the caller's, which has room for them.</summary>
    public void DequantizeRows(long first, long count, ScalarType dtype, byte* to)
    {
        Check(first, count);
        if (_order is null) Expand(first, count, null, dtype, to);
        else Expand(0, _rows, _order[(int)first..(int)(first + count)], dtype, to);
    }

    /// <summary>The given rows, in that order, as a new tensor [rows, <see cref="RowLength"/>]: what an embedding needs.</summary>
    public Tensor DequantizeRows(ReadOnlySpan<long> rows, ScalarType dtype)
    {
        var order = new int[rows.Length];
        for (var i = 0; i < order.Length; i++)
        {
            if (rows[i] < 0 || rows[i] >= Math.Min(_rows, int.MaxValue)) throw new SkTuningException($"{Name}: row {rows[i]} was asked for, there are {_rows}.");
            order[i] = _order is null ? (int)rows[i] : _order[rows[i]];
        }
        return Expand([order.Length, RowLength], 0, _rows, order, dtype);
    }

    private void Check(long first, long count)
    {
        if (first < 0 || count < 0 || first > _rows - count) throw new SkTuningException($"{Name}: rows {first} to {first + count - 1} were asked for, there are {_rows}.");
    }

    private Tensor Expand(long[] shape, long first, long rows, int[]? order, ScalarType dtype, WeightMemory? memory = null)
    {
        var bytes = (order?.Length ?? rows) * RowLength * Expansion.SizeOf(dtype);
        var tensor = memory?.Empty(shape, dtype, bytes) ?? empty(shape, dtype).DetachFromDisposeScope();
        try
        {
            Expand(first, rows, order, dtype, tensor.NumberOfElements == 0 ? null : NativeTensor.DataOf(tensor));
            return tensor;
        }
        catch { tensor.Dispose(); throw; }
    }

    private void Expand(long first, long rows, int[]? order, ScalarType dtype, byte* to)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        if (!Type.CanExpand) throw new SkTuningException($"'{Name}' is {Type.Name}, which this library cannot expand: expected one of {BlockType.SupportedNames}. Quantise the model to another type.");
        if (to != null) Expansion.Rows(Type, _data + first * (RowLength / Type.Values) * Type.Bytes, rows, RowLength, order, to, dtype);
    }

    /// <summary>Gives the blocks back. Tensors made from them stay.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0) _owner.RemoveUser();
    }
}
