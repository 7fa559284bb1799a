using System.Runtime.InteropServices;

namespace SkTuning.Native;

/// <summary>glibc and OpenMP settings that keep a training step from giving memory back and fetching it again thousands of times.</summary>
internal static class AllocatorSettings
{
    private const int TrimThreshold = -1, TopPad = -2, MmapThreshold = -3;
    private const int Large = 1 << 20, UsuallySpare = 128 << 10, KeptBelow = 1 << 30, UsuallyKeptBelow = 32 << 20, Spare = 256 << 20;

    private static readonly Lock Gate = new();
    private static int _givingBack;

    /// <summary>What was done, for <c>sktuning info</c>.</summary>
    public static string Status { get; private set; } = "not asked for";

    /// <summary>Waiting OpenMP threads sleep instead of spinning: a second busy process no longer halves the speed. A value that the user set stays.</summary>
    public static void SetOpenMpWaitPolicy()
    {
        if (!OperatingSystem.IsLinux() || Off("SK_OMP_PASSIVE")) return;
        // .NET's own SetEnvironmentVariable does not reach native code.
        try { setenv("OMP_WAIT_POLICY", "PASSIVE", overwrite: 0); }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException) { }
    }

    /// <summary>Keeps freed memory in the process: 3-8 % faster steps. Off with <c>SK_MALLOC=0</c>.</summary>
    public static void KeepFreedMemory()
    {
        if (!OperatingSystem.IsLinux()) { Status = "Linux only"; return; }
        if (Off("SK_MALLOC")) { Status = "off by SK_MALLOC=0"; return; }
        try
        {
            var done = mallopt(MmapThreshold, KeptBelow) & mallopt(TrimThreshold, int.MaxValue) & mallopt(TopPad, Spare);
            Status = done == 1 ? "on" : "refused by the C library";
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            Status = "no mallopt in this C library";
        }
    }

    /// <summary>
    /// Gives every large block back as soon as it is freed, until the result is disposed: slower, but the heap does not grow around holes that nothing fits into, which take several times
    /// what is in use where a step keeps little of much.
    /// </summary>
    public static IDisposable GiveBackLargeBlocks()
    {
        lock (Gate)
            if (_givingBack++ == 0) Set(Large, spare: 0);
        return new Giving();
    }

    /// <summary>Gives back what is free now, once: behind work that needed more than what follows it.</summary>
    public static void GiveBackFreedMemory()
    {
        if (Status != "on") return;                                               // the C library gives back by itself
        try { malloc_trim(0); }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException) { }
    }

    private sealed class Giving : IDisposable
    {
        private bool _ended;

        public void Dispose()
        {
            lock (Gate)
            {
                if (_ended) return;
                _ended = true;
                if (--_givingBack == 0) Set(Status == "on" ? KeptBelow : UsuallyKeptBelow, Status == "on" ? Spare : UsuallySpare);
            }
        }
    }

    /// <summary>Blocks from a size on get a mapping of their own, but not while the heap's end has room for them: what is spare there goes first.</summary>
    private static void Set(int threshold, int spare)
    {
        if (!OperatingSystem.IsLinux() || Off("SK_MALLOC")) return;
        try
        {
            mallopt(MmapThreshold, threshold);
            mallopt(TopPad, spare);
            if (spare == 0) malloc_trim(0);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException) { }
    }

    internal static bool Off(string variable) => Environment.GetEnvironmentVariable(variable) == "0";

    [DllImport("libc")] private static extern int setenv(string name, string value, int overwrite);
    [DllImport("libc")] private static extern int malloc_trim(nuint pad);
    [DllImport("libc")] private static extern int mallopt(int parameter, int value);
}
