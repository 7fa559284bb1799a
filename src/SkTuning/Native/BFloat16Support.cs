using System.Runtime.InteropServices;
using TorchSharp;

namespace SkTuning.Native;

/// <summary>
/// Finds out whether a device multiplies bf16 faster than fp32. libtorch computes bf16 everywhere, but more slowly without instructions for it.
/// </summary>
internal static class BFloat16Support
{
    private const int ComputeCapabilityMajor = 75, FirstWithBFloat16 = 8;
    private const string Unknown = "the driver did not report the GPU's compute capability";

    private static readonly Lazy<(bool, string)> OnProcessor = new(OfProcessor);

    /// <summary>Returns whether bf16 is faster on the device, and the reason in words.</summary>
    public static (bool Fast, string Reason) On(torch.Device device)
        => device.type == DeviceType.CUDA ? OfGpu(Math.Max(0, device.index)) : OnProcessor.Value;

    /// <summary>
    /// Intel's units take as long for one bf16 vector product as for two fp32 products with the same number of values: a training step took 1.5 times as long
    /// as in fp32. AMD's units take half of that.
    /// </summary>
    private static (bool, string) OfProcessor()
        => Processor.HasAmxBFloat16 ? (true, "the processor has amx_bf16")
            : !Processor.HasAvx512BFloat16 ? (false, "the processor has neither avx512_bf16 nor amx_bf16")
            : Processor.IsIntel ? (false, "the processor has avx512_bf16, which on Intel is slower than fp32, and no amx_bf16")
            : (true, "the processor has avx512_bf16");

    private static (bool, string) OfGpu(int index)
    {
        try
        {
            var major = 0;
            var known = OperatingSystem.IsWindows()
                ? cuInitWindows(0) == 0 && cuDeviceGetWindows(out var device, index) == 0
                    && cuDeviceGetAttributeWindows(out major, ComputeCapabilityMajor, device) == 0
                : cuInit(0) == 0 && cuDeviceGet(out device, index) == 0 && cuDeviceGetAttribute(out major, ComputeCapabilityMajor, device) == 0;
            return !known ? (false, Unknown) : (major >= FirstWithBFloat16, $"the GPU's compute capability is {major}.x");
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            return (false, Unknown);
        }
    }

    [DllImport("libcuda.so.1")] private static extern int cuInit(uint flags);
    [DllImport("libcuda.so.1")] private static extern int cuDeviceGet(out int device, int ordinal);
    [DllImport("libcuda.so.1")] private static extern int cuDeviceGetAttribute(out int value, int attribute, int device);
    [DllImport("nvcuda", EntryPoint = "cuInit")] private static extern int cuInitWindows(uint flags);
    [DllImport("nvcuda", EntryPoint = "cuDeviceGet")] private static extern int cuDeviceGetWindows(out int device, int ordinal);
    [DllImport("nvcuda", EntryPoint = "cuDeviceGetAttribute")] private static extern int cuDeviceGetAttributeWindows(out int value, int attribute, int device);
}
