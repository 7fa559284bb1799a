using SkTuning.Native;
using TorchSharp;

namespace SkTuning;

/// <summary>
/// Start-up of the native library, before any other call. The library loads libtorch on its own when it is first used; call
/// <see cref="Start"/> at the top of a program to choose threads and the speed settings, which are off unless asked for.
/// </summary>
public static class RuntimeSettings
{
    /// <summary>Loads libtorch and applies the settings. A missing libtorch throws <see cref="SkTuningException"/> with the package line to add.</summary>
    /// <param name="threads">Threads within one operation; 0 leaves libtorch's choice (one per core).</param>
    /// <param name="fast">
    /// Keep freed memory in the process (<c>mallopt</c>, Linux) and use AVX-512 in MKL on AMD processors. The latter writes into MKL's
    /// private data, so it is opt-in; <c>SK_MALLOC=0</c> and <c>SK_MKL_AVX512=0</c> switch each off.
    /// </param>
    public static void Start(int threads = 0, bool fast = false)
    {
        NativeBootstrap.EnsureLoaded();
        if (fast)
        {
            AllocatorSettings.KeepFreedMemory();
            FastMkl.Enable();
        }
        if (threads > 0) torch.set_num_threads(threads);
    }

    /// <summary>What start-up found and switched on, as name and value, for a bug report.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Describe()
    {
        NativeBootstrap.EnsureLoaded();
        return
        [
            new("SkTuning", Version(typeof(RuntimeSettings))),
            new("TorchSharp", Version(typeof(torch))),
            new(".NET", Environment.Version.ToString()),
            new("System", $"{System.Runtime.InteropServices.RuntimeInformation.OSDescription.Trim()}, {Environment.ProcessorCount} cores"),
            new("libtorch", NativeBootstrap.LoadedFrom ?? "found by the ordinary search"),
            new("CUDA", torch.cuda.is_available() ? $"{torch.cuda.device_count()} device(s)" : "not available"),
            new("Threads", torch.get_num_threads().ToString()),
            new("Precision auto on the CPU", Bf16()),
            new("Keep freed memory (SK_MALLOC)", AllocatorSettings.Status),
            new("MKL AVX-512 (SK_MKL_AVX512)", FastMkl.Status),
            new("OMP_WAIT_POLICY (SK_OMP_PASSIVE)", AllocatorSettings.Off("SK_OMP_PASSIVE") ? "left alone" : Environment.GetEnvironmentVariable("OMP_WAIT_POLICY") ?? (OperatingSystem.IsLinux() ? "PASSIVE" : "left alone")),
        ];
    }

    private static string Bf16()
    {
        var (fast, reason) = BFloat16Support.On(torch.CPU);
        return $"{(fast ? "BFloat16" : "Float32")}: {reason}";
    }

    private static string Version(Type type) => type.Assembly.GetName().Version?.ToString(3) ?? "?";
}
