using System.Runtime.InteropServices;

namespace SkTuning.Native;

/// <summary>Sets glibc and OpenMP so that a training step does not return memory to the system and request it again thousands of times.</summary>
internal static class AllocatorSettings
{
    private const int TrimThreshold = -1, TopPad = -2, MmapThreshold = -3;
    private const int LargeBlock = 1 << 20, DefaultPad = 128 << 10, KeptBelow = 1 << 30, DefaultKeptBelow = 32 << 20, KeptPad = 256 << 20;

    private static readonly Lock Gate = new();
    private static int _givingBack;

    /// <summary>The outcome, for <c>sktuning info</c>.</summary>
    public static string Status { get; private set; } = "not enabled";

    /// <summary>
    /// Makes waiting OpenMP threads sleep instead of spin, so that a second busy process does not halve the speed, but only after a few microseconds: the next
    /// operation of a pass usually follows sooner, and waking a thread takes longer than a small operation. Values that the user set are kept.
    /// </summary>
    public static void SetOpenMpWaitPolicy()
    {
        if (!OperatingSystem.IsLinux() || Off("SK_OMP_PASSIVE")) return;
        // Environment.SetEnvironmentVariable does not reach native code.
        try
        {
            _ = setenv([.. "OMP_WAIT_POLICY\0"u8], [.. "PASSIVE\0"u8], overwrite: 0);
            _ = setenv([.. "GOMP_SPINCOUNT\0"u8], [.. "1000\0"u8], overwrite: 0);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException) { }
    }

    /// <summary>Keeps freed memory in the process, which makes steps 3-8 % faster. <c>SK_MALLOC=0</c> turns it off.</summary>
    public static void KeepFreedMemory()
    {
        if (!OperatingSystem.IsLinux()) { Status = "Linux only"; return; }
        if (Off("SK_MALLOC")) { Status = "turned off by SK_MALLOC=0"; return; }
        try
        {
            var done = mallopt(MmapThreshold, KeptBelow) & mallopt(TrimThreshold, int.MaxValue) & mallopt(TopPad, KeptPad);
            Status = done == 1 ? "on" : "refused by the C library";
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            Status = "the C library has no mallopt";
        }
    }

    /// <summary>
    /// Returns every large block to the system immediately when it is freed, until the result is disposed. This is slower, but the heap does not fragment:
    /// where a step keeps only a small part of what it allocates, the holes take several times the memory in use.
    /// </summary>
    public static IDisposable GiveBackLargeBlocks()
    {
        lock (Gate)
            if (_givingBack++ == 0) Set(LargeBlock, pad: 0);
        return new GivingBack();
    }

    /// <summary>Returns the memory that is free now to the system: for use after work that needed more than the work that follows.</summary>
    public static void GiveBackFreedMemory()
    {
        if (Status != "on") return;                                               // the C library does so by itself
        try { _ = malloc_trim(0); }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException) { }
    }

    private sealed class GivingBack : IDisposable
    {
        private bool _ended;

        public void Dispose()
        {
            lock (Gate)
            {
                if (_ended) return;
                _ended = true;
                if (--_givingBack == 0) Set(Status == "on" ? KeptBelow : DefaultKeptBelow, Status == "on" ? KeptPad : DefaultPad);
            }
        }
    }

    /// <summary>
    /// Blocks of at least <paramref name="threshold"/> bytes get their own mapping, but not while the end of the heap has room for them: that room is trimmed
    /// first.
    /// </summary>
    private static void Set(int threshold, int pad)
    {
        if (!OperatingSystem.IsLinux() || Off("SK_MALLOC")) return;
        try
        {
            _ = mallopt(MmapThreshold, threshold);
            _ = mallopt(TopPad, pad);
            if (pad == 0) _ = malloc_trim(0);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException) { }
    }

    internal static bool Off(string variable) => Environment.GetEnvironmentVariable(variable) == "0";

    [DllImport("libc")] private static extern int setenv(byte[] name, byte[] value, int overwrite);
    [DllImport("libc")] private static extern int malloc_trim(nuint pad);
    [DllImport("libc")] private static extern int mallopt(int parameter, int value);
}
