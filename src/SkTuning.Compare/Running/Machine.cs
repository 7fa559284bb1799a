using System.Runtime.InteropServices;
using SkTuning.Native;

namespace SkTuning.Compare;

/// <summary>Describes the machine that a comparison runs on, without the machine's name.</summary>
internal static class Machine
{
    public static ComparisonMachine Describe(string device)
    {
        var facts = RuntimeSettings.Describe().ToDictionary(f => f.Key, f => f.Value);
        return new()
        {
            Processor = Processor(),
            Cores = Environment.ProcessorCount,
            Threads = int.TryParse(facts.GetValueOrDefault("Threads"), out var threads) ? threads : 0,
            Device = device,
            System = $"{RuntimeInformation.OSDescription.Trim()}, {RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant()}",
            Versions = string.Join(", ", new[] { "SkTuning", "TorchSharp", ".NET" }.Select(n => $"{n} {facts.GetValueOrDefault(n, "?")}")),
        };
    }

    /// <summary>Returns the name of the processor from /proc on Linux and from the environment on Windows; empty elsewhere.</summary>
    private static string Processor()
    {
        try
        {
            if (OperatingSystem.IsLinux()
                && File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal)) is { } line)
                return line[(line.IndexOf(':') + 1)..].Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { }
        return Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? "";
    }
}
