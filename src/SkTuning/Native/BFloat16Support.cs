using System.Runtime.InteropServices;
using TorchSharp;

namespace SkTuning.Native;

/// <summary>Whether a device multiplies bf16 faster than fp32. libtorch computes bf16 everywhere, but without instructions for it more slowly.</summary>
internal static class BFloat16Support
{
    private const int ComputeCapabilityMajor = 75, FirstWithBFloat16 = 8;

    private static readonly Lazy<(bool, string)> OnProcessor = new(OfProcessor);

    /// <summary>Yes or no, and the reason in words.</summary>
    public static (bool Fast, string Reason) On(torch.Device device) => device.type == DeviceType.CUDA ? OfGpu(Math.Max(0, device.index)) : OnProcessor.Value;

    /// <summary>Intel's units make one bf16 vector product in the time of two in fp32, which hold as much: measured, a training step took 1.5 times as long as in fp32. AMD's make it in half of that.</summary>
    private static (bool, string) OfProcessor()
        => Processor.HasAmxBFloat16 ? (true, "the processor has amx_bf16")
            : !Processor.HasAvx512BFloat16 ? (false, "the processor has neither avx512_bf16 nor amx_bf16")
            : Processor.IsIntel ? (false, "the processor has avx512_bf16, which on Intel is slower than fp32, and no amx_bf16") : (true, "the processor has avx512_bf16");

    private static (bool, string) OfGpu(int index)
    {
        try
        {
            var major = 0;
            var asked = OperatingSystem.IsWindows()
                ? cuInitWindows(0) == 0 && cuDeviceGetWindows(out var device, index) == 0 && cuDeviceGetAttributeWindows(out major, ComputeCapabilityMajor, device) == 0
                : cuInit(0) == 0 && cuDeviceGet(out device, index) == 0 && cuDeviceGetAttribute(out major, ComputeCapabilityMajor, device) == 0;
            return !asked ? (false, "the driver did not say what the GPU can do") : (major >= FirstWithBFloat16, $"the GPU's compute capability is {major}.x");
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            return (false, "the driver did not say what the GPU can do");
        }
    }

    [DllImport("libcuda.so.1")] private static extern int cuInit(uint flags);
    [DllImport("libcuda.so.1")] private static extern int cuDeviceGet(out int device, int ordinal);
    [DllImport("libcuda.so.1")] private static extern int cuDeviceGetAttribute(out int value, int attribute, int device);
    [DllImport("nvcuda", EntryPoint = "cuInit")] private static extern int cuInitWindows(uint flags);
    [DllImport("nvcuda", EntryPoint = "cuDeviceGet")] private static extern int cuDeviceGetWindows(out int device, int ordinal);
    [DllImport("nvcuda", EntryPoint = "cuDeviceGetAttribute")] private static extern int cuDeviceGetAttributeWindows(out int value, int attribute, int device);
}
