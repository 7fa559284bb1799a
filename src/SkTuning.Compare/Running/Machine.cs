using System.Runtime.InteropServices;
using SkTuning.Native;

namespace SkTuning.Compare;

/// <summary>What a comparison runs on; never the machine's name.</summary>
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

    /// <summary>Linux has it in /proc, Windows in the environment; elsewhere it is not told.</summary>
    private static string Processor()
    {
        try
        {
            if (OperatingSystem.IsLinux() && File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal)) is { } line)
                return line[(line.IndexOf(':') + 1)..].Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { }
        return Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? "";
    }
}
