using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace SkTuning.Native;

/// <summary>Checks NVIDIA's driver and the CUDA runtime of libtorch against each other, without libtorch.</summary>
internal static unsafe partial class NvidiaDriver
{
    private const string Name = "CUDA";

    /// <summary>Checks the GPU's software for a libtorch.</summary>
    /// <param name="files">The libtorch that would be loaded.</param>
    public static Finding Check(LibtorchFiles files) => Check(DriverCuda(), files.IsCuda, files.IsCuda ? Runtime(Path.GetDirectoryName(files.Core)!) : null);

    /// <summary>Compares the newest CUDA that the driver supports, null without a driver, with libtorch's build and the major version of its runtime.</summary>
    internal static Finding Check(Version? driver, bool isCuda, int? runtime)
    {
        if (driver is null)
            return isCuda
                ? new(Name, FindingState.Note, "libtorch can use CUDA, but there is no NVIDIA driver: the CPU is used",
                    "For a GPU, install NVIDIA's driver; in a container, start it with the GPU (--gpus all).")
                : Finding.Ok(Name, "no NVIDIA driver: the CPU is used");
        var found = string.Create(CultureInfo.InvariantCulture, $"driver for CUDA {driver}{KernelModule()}");
        if (!isCuda)
            return new(Name, FindingState.Note, $"{found}, but this libtorch is for the CPU",
                $"To use the GPU, reference {(OperatingSystem.IsWindows() ? "TorchSharp-cuda-windows" : "TorchSharp-cuda-linux")} "
                + $"{LibtorchPackage.BindingsVersion} in place of libtorch-cpu.");
        return runtime > driver.Major
            ? Finding.Problem(Name, $"{found}, but this libtorch needs CUDA {runtime}", "Update NVIDIA's driver, or use --device cpu.")
            : Finding.Ok(Name, $"{found}, runtime {runtime?.ToString(CultureInfo.InvariantCulture) ?? "of unknown version"}");
    }

    private static Version? DriverCuda()
    {
        if (!NativeLibrary.TryLoad(OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1", out var library)) return null;
        if (!NativeLibrary.TryGetExport(library, "cuDriverGetVersion", out var function)) return null;
        var number = 0;
        return ((delegate* unmanaged<int*, int>)function)(&number) == 0 ? new(number / 1000, number % 1000 / 10) : null;
    }

    /// <summary>The version of the driver itself, for example 570.86.10.</summary>
    private static string KernelModule()
    {
        const string file = "/proc/driver/nvidia/version";
        return File.Exists(file) && VersionNumber().Match(File.ReadAllText(file)) is { Success: true } match ? $" (version {match.Value})" : "";
    }

    /// <summary>The major version of the CUDA runtime beside libtorch, from its file name; null if there is none.</summary>
    private static int? Runtime(string folder)
        => Directory.EnumerateFiles(folder, "*cudart*").Select(f => RuntimeName().Match(Path.GetFileName(f))).FirstOrDefault(m => m.Success) is { } match
            ? int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : null;

    [GeneratedRegex(@"\d+\.\d+(\.\d+)?")]
    private static partial Regex VersionNumber();

    [GeneratedRegex(@"(?:\.so\.|64_)(\d+)")]
    private static partial Regex RuntimeName();
}
