using SkTuning.Native;
using TorchSharp;

namespace SkTuning;

/// <summary>
/// Configures the native library at startup. libtorch is loaded automatically when it is first used; call <see cref="Start"/> at the beginning of a program,
/// before any other call, to set the number of threads and to enable the speed settings, which are off by default.
/// </summary>
public static class RuntimeSettings
{
    /// <summary>More threads than this slow every operation down, and some systems cannot start them.</summary>
    internal const int MaxThreads = 1024;

    /// <summary>Loads libtorch and applies the settings.</summary>
    /// <param name="threads">The number of threads within one operation, at most 1024; 0 keeps libtorch's default (one per core).</param>
    /// <param name="fast">
    /// Whether to keep freed memory in the process (<c>mallopt</c>, Linux) and to use AVX-512 in MKL on AMD processors. The latter writes to MKL's private
    /// data and is therefore opt-in. <c>SK_MALLOC=0</c> and <c>SK_MKL_AVX512=0</c> turn off the one or the other. The default is false.
    /// </param>
    /// <exception cref="SkTuningException">libtorch could not be loaded; the message names the package to add.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="threads"/> is below 0 or above 1024.</exception>
    public static void Start(int threads = 0, bool fast = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threads, MaxThreads);
        using var work = ProcessEnd.Work();
        NativeBootstrap.EnsureLoaded();
        if (fast)
        {
            AllocatorSettings.KeepFreedMemory();
            FastMkl.Enable();
        }
        if (threads > 0) torch.set_num_threads(threads);
    }

    /// <summary>Returns the environment and the settings in effect, as names and values, for a bug report.</summary>
    /// <returns>The names and values, in the order to show them.</returns>
    /// <exception cref="SkTuningException">libtorch could not be loaded; the message names the package to add.</exception>
    public static IReadOnlyList<KeyValuePair<string, string>> Describe()
    {
        using var work = ProcessEnd.Work();
        NativeBootstrap.EnsureLoaded();
        return
        [
            new("SkTuning", LibraryVersion.Text),
            new("TorchSharp", typeof(torch).Assembly.GetName().Version?.ToString(3) ?? "?"),
            new(".NET", Environment.Version.ToString()),
            new("System", $"{MachineInfo.OperatingSystem}, {MachineInfo.Cores} cores"),
            new("libtorch", NativeBootstrap.LoadedFrom ?? "found by the default search"),
            new("CUDA", torch.cuda.is_available() ? $"{torch.cuda.device_count()} device(s)" : "not available"),
            new("Threads", torch.get_num_threads().ToString(System.Globalization.CultureInfo.InvariantCulture)),
            new("Precision auto on the CPU", Bf16()),
            new("Keep freed memory (SK_MALLOC)", AllocatorSettings.Status),
            new("MKL AVX-512 (SK_MKL_AVX512)", FastMkl.Status),
            new("OMP_WAIT_POLICY (SK_OMP_PASSIVE)", OpenMpWaitPolicy()),
        ];
    }

    private static string OpenMpWaitPolicy()
    {
        const string unchanged = "unchanged";
        if (AllocatorSettings.Off("SK_OMP_PASSIVE")) return unchanged;
        return Environment.GetEnvironmentVariable("OMP_WAIT_POLICY") ?? (OperatingSystem.IsLinux() ? "PASSIVE" : unchanged);
    }

    private static string Bf16()
    {
        var (fast, reason) = BFloat16Support.On(torch.CPU);
        return $"{(fast ? "BFloat16" : "Float32")}: {reason}";
    }
}
