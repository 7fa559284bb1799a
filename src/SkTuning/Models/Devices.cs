using TorchSharp;
using static TorchSharp.torch;

namespace SkTuning.Models;

/// <summary>Devices by name.</summary>
internal static class Devices
{
    public static Device Named(string name)
    {
        if (name == "auto") name = cuda.is_available() ? "cuda" : "cpu";
        if (name == "cpu") return torch.CPU;
        var index = 0;
        if (name != "cuda" && !(name.StartsWith("cuda:", StringComparison.Ordinal) && int.TryParse(name.AsSpan(5), out index) && index >= 0))
            throw new SkTuningException($"Device '{name}' is not known: expected auto, cpu, cuda or cuda:N.");
        if (!cuda.is_available())
            throw new SkTuningException($"Device '{name}': no CUDA device is available. Use cpu, or bring a CUDA build of libtorch (SkTuningBackend=cuda, or SK_LIBTORCH).");
        if (index >= cuda.device_count()) throw new SkTuningException($"Device '{name}': there are {cuda.device_count()} CUDA devices, numbered from 0.");
        return new Device(DeviceType.CUDA, index);
    }

    /// <summary>A tensor of the processor on a device. A GPU fetches it from pinned memory beside its other work: nothing waits.</summary>
    public static Tensor Send(Tensor tensor, Device device)
    {
        if (device.type != DeviceType.CUDA) return tensor.to(device);
        using var pinned = tensor.pin_memory();
        return pinned.to(device, non_blocking: true);
    }

    /// <summary>Seeds the generators of the processor and of a GPU: torch's own way reaches that of the processor alone here.</summary>
    public static void Seed(long seed, Device device)
    {
        random.manual_seed(seed);
        if (device.type == DeviceType.CUDA) cuda.manual_seed_all(seed);
    }

    /// <summary>Gives a GPU's generator a new seed, drawn on the processor: it cannot be asked for the state to which it may have to go back.</summary>
    public static long Reseed()
    {
        using var drawn = randint(int.MaxValue, [1], ScalarType.Int64);
        var seed = drawn.item<long>();
        cuda.manual_seed_all(seed);
        return seed;
    }

    /// <summary>libtorch has no type of its own for it here, only its words. What went wrong in a backward pass is within another exception.</summary>
    public static bool IsOutOfMemory(Exception? e)
        => e is SkTuningException ? IsOutOfMemory(e.InnerException)
            : e is not null && (e.Message.Contains("out of memory", StringComparison.OrdinalIgnoreCase) || e.Message.Contains("not enough memory", StringComparison.OrdinalIgnoreCase));
}
