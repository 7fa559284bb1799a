using System.Runtime.Intrinsics.X86;

namespace SkTuning.Native;

/// <summary>Properties of the processor that the runtime does not report.</summary>
internal static class Processor
{
    private const int GenuineIntelEbx = 0x756e6547, ExtendedFeatures = 7;

    /// <summary>True for a processor made by Intel.</summary>
    public static bool IsIntel => X86Base.IsSupported && X86Base.CpuId(0, 0).Ebx == GenuineIntelEbx;

    /// <summary>True if the processor multiplies bf16 in vectors: CPUID leaf 7, subleaf 1, EAX bit 5.</summary>
    public static bool HasAvx512BFloat16
        => Avx512F.IsSupported && X86Base.CpuId(ExtendedFeatures, 0).Eax >= 1 && (X86Base.CpuId(ExtendedFeatures, 1).Eax & (1 << 5)) != 0;

    /// <summary>
    /// True if the processor multiplies bf16 in tiles: CPUID leaf 7, subleaf 0, EDX bit 22. Support for AVX-512 in the runtime shows that the system saves the
    /// registers.
    /// </summary>
    public static bool HasAmxBFloat16 => Avx512F.IsSupported && (X86Base.CpuId(ExtendedFeatures, 0).Edx & (1 << 22)) != 0;
}
