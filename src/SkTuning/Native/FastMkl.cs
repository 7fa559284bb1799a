using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace SkTuning.Native;

/// <summary>
/// Makes the MKL inside libtorch use AVX-512 on AMD processors, where it takes its AVX2 path by default (2.4 times slower in fp32).
/// MKL caches the answer to "is this an Intel processor" in a static int, which is -1 until the first check; this class writes 1 there
/// before the first MKL call. It does so only if the code bytes are the expected ones, so that another version of MKL is not changed.
/// </summary>
internal static unsafe class FastMkl
{
    private const string On = "on";

    /// <summary>The outcome and the reason, for <c>sktuning info</c>.</summary>
    public static string Status { get; private set; } = "not enabled";

    /// <summary>Enables AVX-512, unless <c>SK_MKL_AVX512=0</c>. libtorch must be loaded and must not have computed a matrix product yet.</summary>
    public static void Enable() => Status = Try();

    private static string Try()
    {
        if (Status == On) return On;
        if (AllocatorSettings.Off("SK_MKL_AVX512")) return "turned off by SK_MKL_AVX512=0";
        if (!OperatingSystem.IsLinux()) return "Linux only";
        if (!Avx512F.IsSupported || !Avx512BW.IsSupported || !Avx512DQ.IsSupported) return "the processor has no AVX-512";
        if (Processor.IsIntel) return "not needed: Intel processor";
        if (LoadedLibraries.Path("/libtorch_cpu.so") is not { } path || !NativeLibrary.TryLoad(path, out var library)) return "libtorch_cpu.so is not loaded";
        var written = 0;
        foreach (var name in (string[])["mkl_serv_intel_cpu_true", "mkl_serv_intel_cpu"])
        {
            if (!NativeLibrary.TryGetExport(library, name, out var function)) continue;
            var code = (byte*)function;
            if (code[0] != 0x8B || code[1] != 0x05) continue;                 // mov eax,[rip+disp32]: reads the cached answer
            var cached = (int*)(code + 6 + *(int*)(code + 2));
            if (*cached != -1) continue;                                      // already checked
            *cached = 1;
            written++;
        }
        return written > 0 ? On : "not possible: MKL was already used, or is another version";
    }
}
