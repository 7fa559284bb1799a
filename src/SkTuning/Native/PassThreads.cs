using System.Runtime.InteropServices;
using TorchSharp;

namespace SkTuning.Native;

/// <summary>
/// Chooses the number of threads of one pass. Threads that share an operation wait for each other after it, which takes longer than the operation itself if it
/// is small, and passes on several threads share the cores better with one thread each than with all threads each. libtorch's own setting is also the one of
/// threads that start later, so this class calls OpenMP and MKL, which have a setting for each thread.
/// </summary>
internal static unsafe class PassThreads
{
    /// <summary>
    /// The floating-point operations in the products of a layer for each thread that is used. Two threads are as fast as one at about a third of them.
    /// </summary>
    private const long OperationsPerThread = 80_000_000;

    private static readonly Functions? Found = Find();
    private static int _callers;

    [ThreadStatic]
    private static int _calls;

    /// <summary>
    /// Counts the calling thread as one of the callers that share the cores, until the result is disposed on the same thread. With another number of threads,
    /// the last digits of a pass may differ, so only predictions share: a training is the same whatever else the process does.
    /// </summary>
    public static Sharing Share()
    {
        if (_calls++ == 0) Interlocked.Increment(ref _callers);
        return new(true);
    }

    /// <summary>Limits the threads of the calling thread's operations until the result is disposed, on the same thread.</summary>
    /// <param name="operations">The floating-point operations in the products of one layer; 0: there is no limit.</param>
    public static Limit For(long operations)
    {
        if (Found is null || operations == 0) return default;
        var allowed = torch.get_num_threads();
        if (allowed == 1) return default;
        var share = _calls == 0 ? allowed : allowed / Volatile.Read(ref _callers);
        var chosen = (int)Math.Clamp(Math.Min(share, operations / OperationsPerThread), 1, allowed);
        if (chosen == allowed) return default;
        Found.SetOpenMp(chosen);
        return new(allowed, Found.SetMkl(chosen));
    }

    /// <summary>A caller that shares the cores with others.</summary>
    internal readonly struct Sharing(bool counts) : IDisposable
    {
        public void Dispose()
        {
            if (counts && --_calls == 0) Interlocked.Decrement(ref _callers);
        }
    }

    /// <summary>A limit in effect.</summary>
    /// <param name="openMp">OpenMP's setting before; 0 if it was not changed.</param>
    /// <param name="mkl">MKL's setting before; 0 is one, too.</param>
    internal readonly struct Limit(int openMp, int mkl) : IDisposable
    {
        public void Dispose()
        {
            if (openMp == 0) return;
            Found!.SetOpenMp(openMp);
            Found.SetMkl(mkl);
        }
    }

    /// <summary>Functions of the libraries that libtorch uses; null if they are not found, which leaves every pass with all threads.</summary>
    private static Functions? Find()
    {
        // A search in a library includes those that it was linked with. The name in lower case is that of the Fortran function, which takes an address.
        return LoadedLibraries.Path("/libtorch_cpu.so") is { } path && NativeLibrary.TryLoad(path, out var library)
            && NativeLibrary.TryGetExport(library, "omp_set_num_threads", out var openMp)
            && NativeLibrary.TryGetExport(library, "MKL_Set_Num_Threads_Local", out var mkl) ? new(openMp, mkl) : null;
    }

    private sealed class Functions(nint openMp, nint mkl)
    {
        private readonly delegate* unmanaged[Cdecl]<int, void> _openMp = (delegate* unmanaged[Cdecl]<int, void>)openMp;
        private readonly delegate* unmanaged[Cdecl]<int, int> _mkl = (delegate* unmanaged[Cdecl]<int, int>)mkl;

        public void SetOpenMp(int threads) => _openMp(threads);

        /// <summary>Sets the number of threads, and returns the one before; 0: MKL's own choice.</summary>
        public int SetMkl(int threads) => _mkl(threads);
    }
}
