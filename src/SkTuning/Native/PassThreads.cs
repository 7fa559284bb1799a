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
    /// The floating-point operations in the products of a layer from which a further thread is used. Two threads are as fast as one at about half of this.
    /// </summary>
    private const long OperationsPerThread = 80_000_000;

    private static readonly Functions? Found = Find();
    private static int _passes;

    /// <summary>Limits the threads of the calling thread's operations until the result is disposed, on the same thread.</summary>
    /// <param name="operations">The floating-point operations in the products of one layer.</param>
    public static Limit For(long operations)
    {
        if (Found is null) return default;
        var (passes, allowed) = (Interlocked.Increment(ref _passes), torch.get_num_threads());
        var chosen = (int)Math.Clamp(Math.Min(allowed / passes, operations / OperationsPerThread), 1, allowed);
        if (chosen == allowed) return new(0, 0);
        Found.SetOpenMp(chosen);
        return new(allowed, Found.SetMkl(chosen));
    }

    /// <summary>A limit in effect.</summary>
    internal readonly struct Limit : IDisposable
    {
        private readonly bool _counts;
        private readonly int _openMp, _mkl;

        /// <param name="openMp">OpenMP's setting before; 0 if it was not changed.</param>
        /// <param name="mkl">MKL's setting before; 0 is one, too.</param>
        public Limit(int openMp, int mkl) => (_counts, _openMp, _mkl) = (true, openMp, mkl);

        public void Dispose()
        {
            if (!_counts) return;
            Interlocked.Decrement(ref _passes);
            if (_openMp == 0) return;
            Found!.SetOpenMp(_openMp);
            Found.SetMkl(_mkl);
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
