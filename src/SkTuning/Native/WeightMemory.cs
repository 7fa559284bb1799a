using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace SkTuning.Native;

/// <summary>
/// Memory for the weights of one model, reserved in large pieces with pages of 2 MB: the first access to a page costs a page fault, whatever its
/// size. Half a gigabyte took 1.7 s of processor time in a virtual machine with pages of 4 KB, and 0.1 s this way. On systems other than Linux, and
/// where the system refuses, libtorch's allocator is used.
/// </summary>
internal sealed unsafe class WeightMemory : IDisposable
{
    /// <summary>Only reserved: a page that was not written to costs nothing.</summary>
    private const long PieceBytes = 256L << 20;
    private const long LargePage = 2L << 20, Alignment = 64, MinBytes = 1 << 16;

    private Piece? _piece;
    private long _used;
    private bool _refused = !OperatingSystem.IsLinux();

    /// <summary>Creates a CPU tensor with uninitialized values, owned by the caller and outside any dispose scope.</summary>
    public Tensor Empty(ReadOnlySpan<long> shape, ScalarType dtype, long bytes)
    {
        var at = bytes >= MinBytes ? Place(bytes) : null;
        if (at != null) return NativeTensor.Over(at, shape, dtype, _piece!).DetachFromDisposeScope();
        return empty(shape, dtype).DetachFromDisposeScope();
    }

    /// <summary>Copies a CPU tensor to another dtype. The copy is owned by the caller and outside any dispose scope.</summary>
    public Tensor Copy(Tensor from, ScalarType dtype)
    {
        using var one = empty(1, dtype);
        var copy = Empty(from.shape, dtype, from.NumberOfElements * one.element_size());
        using var off = no_grad();
        copy.copy_(from);
        return copy;
    }

    private byte* Place(long bytes)
    {
        if (_refused) return null;
        if (_piece is null || _used > _piece.Bytes - bytes)
        {
            _piece?.RemoveUser();
            (_piece, _used) = (Piece.Reserve(Math.Max(PieceBytes, bytes)), 0);
            if (_piece is null) { _refused = true; return null; }
        }
        var at = _piece.Start + _used;
        _used += (bytes + Alignment - 1) / Alignment * Alignment;
        return at;
    }

    /// <summary>Releases the reserved memory. Tensors created in it stay valid until they are disposed.</summary>
    public void Dispose()
    {
        _piece?.RemoveUser();
        _piece = null;
        _refused = true;
    }

    private sealed class Piece : INativeMemory
    {
        private const int ReadWrite = 3, PrivateAnonymousNoReserve = 0x4022, HugePages = 14;

        private readonly nint _map;
        private readonly nuint _mapped;
        private int _users = 1;

        private Piece(nint map, nuint mapped, long bytes)
        {
            (_map, _mapped, Bytes) = (map, mapped, bytes);
            Start = (byte*)((map + (nint)LargePage - 1) / (nint)LargePage * (nint)LargePage);
        }

        public byte* Start { get; }

        public long Bytes { get; }

        /// <summary>Reserves a piece; null if the system refuses.</summary>
        public static Piece? Reserve(long bytes)
        {
            var mapped = (nuint)(bytes + LargePage);
            try
            {
                var map = mmap(0, mapped, ReadWrite, PrivateAnonymousNoReserve, -1, 0);
                if (map == -1) return null;
                var piece = new Piece(map, mapped, bytes);
                _ = madvise((nint)piece.Start, (nuint)bytes, HugePages);          // only a hint: small pages work as well
                return piece;
            }
            catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException) { return null; }
        }

        public void AddUser() => Interlocked.Increment(ref _users);

        public void RemoveUser()
        {
            if (Interlocked.Decrement(ref _users) == 0) _ = munmap(_map, _mapped);
        }

        [DllImport("libc")] private static extern nint mmap(nint at, nuint length, int protection, int flags, int file, nint offset);
        [DllImport("libc")] private static extern int munmap(nint at, nuint length);
        [DllImport("libc")] private static extern int madvise(nint at, nuint length, int advice);
    }
}
