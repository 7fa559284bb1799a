using System.Collections.Concurrent;
using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using SkTuning.Native;
using TorchSharp;

namespace SkTuning.Checkpoints;

/// <summary>
/// A whole file, mapped read-only. It stays mapped until the reader and every tensor over it are disposed. If a mapped file is truncated,
/// the next read of the missing part ends the process: copy the tensors instead if that can happen.
/// </summary>
internal sealed unsafe class MappedFile : INativeMemory, IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private static readonly ConcurrentDictionary<nint, long> Alive = [];
    private int _users = 1;

    public MappedFile(string path)
    {
        Path = path;
        using var stream = InputFile.Open(path, bufferSize: 0);
        Length = stream.Length;
        if (Length == 0) throw SkTuningException.BadFile(path, null, "an empty file", "a file with content");
        Span<byte> first = stackalloc byte[64];
        InputFile.RefuseSubstitute(path, first[..stream.ReadAtLeast(first, first.Length, throwOnEndOfStream: false)]);
        _file = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        _view = _file.CreateViewAccessor(0, Length, MemoryMappedFileAccess.Read);
        byte* start = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        Start = start + _view.PointerOffset;
        Alive[(nint)Start] = Length;
    }

    public string Path { get; }
    public long Length { get; }
    public byte* Start { get; }

    /// <summary>Returns a piece of the file, after a check that it lies inside.</summary>
    public ReadOnlySpan<byte> Slice(long offset, int length)
    {
        ObjectDisposedException.ThrowIf(_users <= 0, this);
        if (offset < 0 || length < 0 || offset > Length - length)
            throw SkTuningException.BadFile(Path, null, $"{Length} bytes", $"at least {offset + length}", "The file is truncated.");
        return new(Start + offset, length);
    }

    /// <summary>Samples a piece of the file, see <see cref="Sampling"/>.</summary>
    public byte[] Sample(long offset, long bytes, int samples)
    {
        if (bytes < 0 || offset > Length - bytes)
            throw SkTuningException.BadFile(Path, null, $"{Length} bytes", $"at least {offset + bytes}", "The file is truncated.");
        Slice(offset, 0);
        return Sampling.Take(Start + offset, bytes, samples);
    }

    /// <summary>Returns true if the tensor is a view of a mapped file.</summary>
    public static bool Holds(torch.Tensor tensor)
    {
        if (tensor.device_type != DeviceType.CPU || tensor.NumberOfElements == 0) return false;
        var at = (nint)NativeTensor.DataOf(tensor);
        return Alive.Any(map => at >= map.Key && at - map.Key < map.Value);
    }

    /// <summary>
    /// Releases the pages of a piece from this process's memory (on Linux; no effect elsewhere). They are loaded again when they are next read.
    /// </summary>
    public void ReleasePages(long offset, long bytes)
    {
        const int DontNeed = 4;
        if (!OperatingSystem.IsLinux() || bytes <= 0) return;
        var page = Environment.SystemPageSize;
        var (first, end) = (((nint)Start + (nint)offset + page - 1) / page * page, ((nint)Start + (nint)(offset + bytes)) / page * page);
        if (end <= first) return;
        // Only a hint: a failure, or a C library without the function, has no consequence.
        try { _ = madvise(first, (nuint)(end - first), DontNeed); }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException) { }
    }

    [DllImport("libc")] private static extern int madvise(nint start, nuint length, int advice);

    public void AddUser()
    {
        if (Interlocked.Increment(ref _users) > 1) return;
        Interlocked.Decrement(ref _users);
        throw new ObjectDisposedException(Path, "The file was closed.");
    }

    public void RemoveUser()
    {
        if (Interlocked.Decrement(ref _users) > 0) return;
        Alive.TryRemove((nint)Start, out _);
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }

    private int _disposed;

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0) RemoveUser();
    }
}
