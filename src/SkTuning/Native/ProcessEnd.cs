using System.Runtime.InteropServices;

namespace SkTuning.Native;

/// <summary>
/// Lets a process end while other threads are computing. A process ends by running the destructors of its native libraries, and libtorch's must not run while
/// another thread is in libtorch: that ends the process by a signal instead of with its exit code.
/// </summary>
internal static unsafe partial class ProcessEnd
{
    /// <summary>The time that work has to end by itself where the destructors cannot be skipped.</summary>
    private static readonly TimeSpan EndOfWork = TimeSpan.FromSeconds(2);

    private static int _working, _wasUsed, _isEnding, _skips;

    static ProcessEnd() => AppDomain.CurrentDomain.ProcessExit += (_, _) =>
    {
        Volatile.Write(ref _isEnding, 1);
        Interlocked.MemoryBarrier();
        // Also if no thread is in libtorch now: one could enter it while the destructors run.
        if (Volatile.Read(ref _wasUsed) != 0) SkipDestructors();
    };

    /// <summary>Says that this thread is about to use libtorch.</summary>
    public static void BeginWork()
    {
        if (_wasUsed == 0) Volatile.Write(ref _wasUsed, 1);
        Interlocked.Increment(ref _working);
        if (Volatile.Read(ref _isEnding) != 0) SkipDestructors();
    }

    /// <summary>Says that this thread no longer uses libtorch.</summary>
    public static void EndWork() => Interlocked.Decrement(ref _working);

    /// <summary>Uses libtorch until the result is disposed.</summary>
    public static WorkScope Work()
    {
        BeginWork();
        return default;
    }

    /// <summary>Makes the process end without running destructors. Everything else that is to happen before its end does.</summary>
    private static void SkipDestructors()
    {
        if (OperatingSystem.IsWindows() || Interlocked.Exchange(ref _skips, 1) != 0) return;         // Windows ends the other threads first
        if (!NativeLibrary.TryLoad("libc.so.6", out var libc) || !NativeLibrary.TryGetExport(libc, "on_exit", out var onExit)
            || !NativeLibrary.TryGetExport(libc, "_exit", out var exit))
        {
            SpinWait.SpinUntil(() => Volatile.Read(ref _working) == 0, EndOfWork);
            if (Volatile.Read(ref _working) > 0) EndNow(Environment.ExitCode);
            return;
        }
        // What is registered last is called first, with the exit code. Only glibc has on_exit.
        ((delegate* unmanaged[Cdecl]<nint, nint, int>)onExit)(exit, 0);
    }

    internal readonly struct WorkScope : IDisposable
    {
        public void Dispose() => EndWork();
    }

    [LibraryImport("libc", EntryPoint = "_exit")] private static partial void EndNow(int code);
}
