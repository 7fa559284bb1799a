using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace SkTuning.Native;

/// <summary>
/// Lets the MKL inside libtorch use AVX-512 on AMD processors, where it takes its AVX2 path by default (2.4 times slower in fp32).
/// MKL keeps the answer to "is this an Intel processor" in a static int, -1 until it first asks; writing 1 there before the first
/// MKL call answers for it. Done only when the code bytes are the expected ones, so another MKL is left alone.
/// </summary>
internal static unsafe class FastMkl
{
    /// <summary>What was done and why, for <c>sktuning info</c>.</summary>
    public static string Status { get; private set; } = "not asked for";

    /// <summary>Off with <c>SK_MKL_AVX512=0</c>. libtorch must be loaded, no matrix product made yet.</summary>
    public static void Enable() => Status = Try();

    private static string Try()
    {
        if (AllocatorSettings.Off("SK_MKL_AVX512")) return "off by SK_MKL_AVX512=0";
        if (!OperatingSystem.IsLinux()) return "Linux only";
        if (!Avx512F.IsSupported || !Avx512BW.IsSupported || !Avx512DQ.IsSupported) return "no AVX-512 here";
        if (Processor.IsIntel) return "not needed: Intel processor";
        if (LoadedLibrary("/libtorch_cpu.so") is not { } path || !NativeLibrary.TryLoad(path, out var library)) return "libtorch_cpu.so is not loaded";
        var written = 0;
        foreach (var name in (string[])["mkl_serv_intel_cpu_true", "mkl_serv_intel_cpu"])
        {
            if (!NativeLibrary.TryGetExport(library, name, out var function)) continue;
            var code = (byte*)function;
            if (code[0] != 0x8B || code[1] != 0x05) continue;                 // mov eax,[rip+disp32]: reads the cached answer
            var cached = (int*)(code + 6 + *(int*)(code + 2));
            if (*cached != -1) continue;                                      // already asked
            *cached = 1;
            written++;
        }
        return written > 0 ? "on" : "not possible: MKL was used already, or is another version";
    }

    private static string? LoadedLibrary(string ending)
    {
        foreach (var line in File.ReadLines("/proc/self/maps"))
            if (line.EndsWith(ending, StringComparison.Ordinal))
                return line[line.IndexOf('/')..];
        return null;
    }
}
