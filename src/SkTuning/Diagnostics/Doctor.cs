using SkTuning.Hub;
using SkTuning.Native;
using TorchSharp;

namespace SkTuning.Diagnostics;

/// <summary>
/// Checks the installation, one line each: the system, its C and C++ libraries, libtorch, CUDA, memory and disk. libtorch is not needed, and is loaded only
/// after its files were checked.
/// </summary>
internal static class Doctor
{
    private const long Gigabyte = 1 << 30;

    /// <summary>Runs the checks, each when its result is asked for.</summary>
    public static IEnumerable<Finding> Examine()
    {
        yield return Finding.Ok("system", $"{MachineInfo.OperatingSystem}, {LibtorchPackage.System}, .NET {Environment.Version}, "
            + FormattableString.Invariant($"{MachineInfo.Cores} cores"));
        if (OperatingSystem.IsLinux())
        {
            yield return SystemLibraries.Glibc();
            yield return SystemLibraries.Cpp();
        }
        var files = LibtorchFiles.Find();
        if (files.Fault() is { } fault)
        {
            yield return fault;
        }
        else
        {
            var kind = files.IsCuda ? "CUDA" : "CPU";
            yield return Finding.Ok("libtorch", FormattableString.Invariant($"{files.Core}, {kind}, {files.Size / 1e6:F0} MB"));
            yield return NativeBootstrap.TryLoad() ?? Finding.Ok("loading", $"TorchSharp {LibtorchPackage.BindingsVersion} loads libtorch "
                + $"{LibtorchPackage.Version} and computes{(NativeBootstrap.IsPatched ? ", patched in memory" : "")}");
        }
        yield return NvidiaDriver.Check(files);
        if (files.IsCuda && NativeBootstrap.TryLoad() is null) yield return Gpus();
        yield return Memory(MachineMemory.Available());
        yield return Models();
        yield return Disk("temporary", Path.GetTempPath());
    }

    private static Finding Gpus()
    {
        using var work = ProcessEnd.Work();
        return torch.cuda.is_available() ? Finding.Ok("GPU", FormattableString.Invariant($"{torch.cuda.device_count()} usable"))
            : new("GPU", FindingState.Note, "libtorch finds none: the CPU is used", "Check with nvidia-smi that the driver sees the GPU.");
    }

    internal static Finding Memory(long available)
    {
        var text = FormattableString.Invariant($"{available / 1e9:F1} GB available to this process");
        return available < Gigabyte / 2
            ? Finding.Problem("memory", text, "Libtorch and a small model need about 0.5 GB: end other programs, or raise the limit of the container.")
            : Finding.Ok("memory", text);
    }

    private static Finding Disk(string name, string folder)
    {
        try
        {
            // A folder that does not exist yet is created in the nearest one that does.
            var existing = folder;
            while (!Directory.Exists(existing) && Path.GetDirectoryName(existing) is { Length: > 0 } parent) existing = parent;
            return Disk(name, folder, new DriveInfo(existing).AvailableFreeSpace);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return Finding.Problem(name, $"{folder} cannot be used", "Choose another folder, or correct its permissions.", e.Message);
        }
    }

    internal static Finding Disk(string name, string folder, long free)
    {
        var text = FormattableString.Invariant($"{folder}, {free / 1e9:F1} GB free");
        return free < Gigabyte ? Finding.Problem(name, text, "Free at least 1 GB: models take from 0.1 GB to many.") : Finding.Ok(name, text);
    }

    /// <summary>The folder of downloaded models. The variables of the hub are read for it, which may be wrong.</summary>
    private static Finding Models()
    {
        try { return Disk("models", HubSettings.FromEnvironment().Cache); }
        catch (SkTuningException e) { return new("models", FindingState.Problem, e.Message); }
    }
}
