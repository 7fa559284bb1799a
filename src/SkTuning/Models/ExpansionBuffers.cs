using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using SkTuning.Checkpoints.Gguf;
using SkTuning.Native;
using static TorchSharp.torch;

namespace SkTuning.Models;

/// <summary>
/// The memory that quantized weights are expanded into, which is reused. If every product allocated its own memory, the tensors that autograd keeps between two
/// products would fragment it, and the process would grow to several times the size of the model.
/// </summary>
internal sealed unsafe class ExpansionBuffers : IDisposable
{
    private readonly ConcurrentBag<Buffer> _free = [];
    private volatile bool _disposed;

    /// <summary>Expands rows of blocks to a tensor [count, in] over a buffer, which is free again when the tensor is disposed.</summary>
    public Tensor Expand(QuantizedTensor blocks, long first, long count, ScalarType dtype)
    {
        var bytes = count * blocks.RowLength * Expansion.SizeOf(dtype);
        if (!_free.TryTake(out var buffer)) buffer = new(this);
        try
        {
            buffer.AtLeast(bytes);
            blocks.DequantizeRows(first, count, dtype, buffer.Start);
            var tensor = NativeTensor.Over(buffer.Start, [count, blocks.RowLength], dtype, buffer);
            buffer = null;
            return tensor;
        }
        finally { buffer?.RemoveUser(); }
    }

    public void Dispose()
    {
        _disposed = true;
        while (_free.TryTake(out var buffer)) buffer.Free();
    }

    private void Return(Buffer buffer)
    {
        _free.Add(buffer);
        if (_disposed) Dispose();
    }

    private sealed class Buffer(ExpansionBuffers owner) : INativeMemory
    {
        private long _size;

        public byte* Start { get; private set; }

        public void AtLeast(long bytes)
        {
            if (_size >= bytes) return;
            Free();
            Start = (byte*)NativeMemory.AlignedAlloc((nuint)bytes, 64);
            _size = bytes;
        }

        public void AddUser() { }

        public void RemoveUser() => owner.Return(this);

        public void Free()
        {
            NativeMemory.AlignedFree(Start);
            Start = null;
            _size = 0;
        }
    }
}
