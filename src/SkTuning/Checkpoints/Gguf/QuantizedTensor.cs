using SkTuning.Native;
using static TorchSharp.torch;

namespace SkTuning.Checkpoints.Gguf;

/// <summary>
/// A weight in the form of the blocks of its file: raw bytes (mapped, or a copy), their type and shape. A frozen layer keeps one and expands it for each
/// computation, so that the expanded weight exists for one product only.
/// </summary>
internal sealed unsafe class QuantizedTensor : IDisposable
{
    private readonly byte* _data;
    private readonly INativeMemory _owner;
    private readonly long _rows;
    private readonly int[]? _order;
    private int _disposed;

    /// <param name="name">The tensor's name, for errors.</param>
    /// <param name="type">The type of the blocks.</param>
    /// <param name="shape">The shape as stored, outermost first; the last dimension consists of whole blocks.</param>
    /// <param name="data">The blocks; the caller has checked that they are complete.</param>
    /// <param name="owner">The owner of the memory. It gets one more user, which <see cref="Dispose"/> removes.</param>
    /// <param name="order">order[i] is the stored row that is row i of this tensor; null for the stored order.</param>
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

    /// <summary>The shape: [out, in] for a linear layer, where one row of blocks has the weights of one output.</summary>
    public long[] Shape { get; }

    /// <summary>
    /// True if the checkpoint has the matrix as [in, out] (GPT-2's Conv1D), while the blocks, <see cref="Shape"/> and the expanded tensors are [out, in].
    /// </summary>
    public bool Transposed { get; }

    /// <summary>The number of values in a row.</summary>
    public long RowLength { get; }

    /// <summary>The number of bytes of all blocks.</summary>
    public long Bytes => _rows * (RowLength / Type.Values) * Type.Bytes;

    /// <summary>True if the blocks are in the mapped file; false if they are a copy.</summary>
    public bool IsMapped => _owner is Checkpoints.MappedFile;

    /// <summary>Expands all rows to a new CPU tensor of <see cref="Shape"/>, owned by the caller.</summary>
    public Tensor Dequantize(ScalarType dtype, WeightMemory? memory = null)
        => Expand(Shape, 0, _rows, _order, dtype, memory);

    /// <summary>Expands rows <paramref name="first"/> to first+count-1 to a new tensor [count, <see cref="RowLength"/>].</summary>
    public Tensor DequantizeRows(long first, long count, ScalarType dtype)
    {
        Check(first, count);
        return _order is null
            ? Expand([count, RowLength], first, count, null, dtype)
            : Expand([count, RowLength], 0, _rows, _order[(int)first..(int)(first + count)], dtype);
    }

    /// <summary>Expands rows <paramref name="first"/> to first+count-1 to the caller's memory, which has room for them.</summary>
    public void DequantizeRows(long first, long count, ScalarType dtype, byte* to)
    {
        Check(first, count);
        if (_order is null) Expand(first, count, null, dtype, to);
        else Expand(0, _rows, _order[(int)first..(int)(first + count)], dtype, to);
    }

    /// <summary>Expands the given rows, in that order, to a new tensor [rows, <see cref="RowLength"/>]. This is what an embedding needs.</summary>
    public Tensor DequantizeRows(ReadOnlySpan<long> rows, ScalarType dtype)
    {
        var order = new int[rows.Length];
        for (var i = 0; i < order.Length; i++)
        {
            if (rows[i] < 0 || rows[i] >= Math.Min(_rows, int.MaxValue))
                throw new SkTuningException($"{Name}: row {rows[i]} was requested, but there are only {_rows} rows.");
            order[i] = _order is null ? (int)rows[i] : _order[rows[i]];
        }
        return Expand([order.Length, RowLength], 0, _rows, order, dtype);
    }

    private void Check(long first, long count)
    {
        if (first < 0 || count < 0 || first > _rows - count)
            throw new SkTuningException($"{Name}: rows {first} to {first + count - 1} were requested, but there are only {_rows} rows.");
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
        if (!Type.CanExpand)
            throw new SkTuningException(
                $"'{Name}' is {Type.Name}, which this library cannot expand: expected one of {BlockType.SupportedNames}. Quantize the model to another type.");
        if (to != null) Expansion.Rows(Type, _data + first * (RowLength / Type.Values) * Type.Bytes, rows, RowLength, order, to, dtype);
    }

    /// <summary>Releases the blocks. Tensors expanded from them stay valid.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0) _owner.RemoveUser();
    }
}
