using SkTuning.Models;
using static TorchSharp.torch;

namespace SkTuning.Tests;

/// <summary>Where the tests of models and training compute: on the CPU, or on the device that SKTUNING_TEST_DEVICE names.</summary>
internal static class TestDevice
{
    public static string Name { get; } = Environment.GetEnvironmentVariable("SKTUNING_TEST_DEVICE") is { Length: > 0 } chosen ? chosen : "cpu";

    public static Device Torch { get; } = Devices.Named(Name);

    /// <summary>For what is only so on the CPU.</summary>
    public static void SkipElsewhere(string why) => Assert.SkipUnless(Torch.type == TorchSharp.DeviceType.CPU, $"on {Name}: {why}");

    /// <summary>The tensor on that device.</summary>
    public static Tensor Here(this Tensor tensor) => tensor.to(Torch);
}
