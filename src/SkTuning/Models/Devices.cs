using TorchSharp;
using static TorchSharp.torch;

namespace SkTuning.Models;

/// <summary>Finds devices by name, moves tensors to them, and seeds their generators.</summary>
internal static class Devices
{
    /// <summary>Returns the device of a name: auto, cpu, cuda or cuda:N.</summary>
    public static Device Named(string name)
    {
        if (name == "auto") name = cuda.is_available() ? "cuda" : "cpu";
        if (name == "cpu") return torch.CPU;
        var index = 0;
        if (name != "cuda" && !(name.StartsWith("cuda:", StringComparison.Ordinal) && int.TryParse(name.AsSpan(5), out index) && index >= 0))
            throw new SkTuningException($"Device '{name}' is unknown: expected auto, cpu, cuda or cuda:N.");
        if (!cuda.is_available())
            throw new SkTuningException($"Device '{name}': no CUDA device is available. " +
                "Use cpu, or provide a CUDA build of libtorch (SkTuningBackend=cuda, or SK_LIBTORCH).");
        if (index >= cuda.device_count()) throw new SkTuningException($"Device '{name}': there are {cuda.device_count()} CUDA devices, numbered from 0.");
        return new Device(DeviceType.CUDA, index);
    }

    /// <summary>Copies a CPU tensor to a device. A GPU fetches it from pinned memory during its other work, so nothing waits.</summary>
    public static Tensor Send(Tensor tensor, Device device)
    {
        if (device.type != DeviceType.CUDA) return tensor.to(device);
        using var pinned = tensor.pin_memory();
        return pinned.to(device, non_blocking: true);
    }

    /// <summary>Seeds the generators of the CPU and the GPU. TorchSharp's own function seeds only the CPU's.</summary>
    public static void Seed(long seed, Device device)
    {
        random.manual_seed(seed);
        if (device.type == DeviceType.CUDA) cuda.manual_seed_all(seed);
    }

    /// <summary>
    /// Gives the GPU's generator a new seed, drawn on the CPU, and returns it. The state of that generator cannot be read, only a seed can be set again.
    /// </summary>
    public static long Reseed()
    {
        using var drawn = randint(int.MaxValue, [1], ScalarType.Int64);
        var seed = drawn.item<long>();
        cuda.manual_seed_all(seed);
        return seed;
    }

    /// <summary>
    /// Returns whether an exception means that memory ran out. TorchSharp has no exception type for this, only the message. An error in a backward pass is
    /// wrapped in another exception.
    /// </summary>
    public static bool IsOutOfMemory(Exception? e)
        => e is SkTuningException ? IsOutOfMemory(e.InnerException)
            : e is not null && (e.Message.Contains("out of memory", StringComparison.OrdinalIgnoreCase)
                || e.Message.Contains("not enough memory", StringComparison.OrdinalIgnoreCase));
}
