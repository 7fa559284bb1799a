using System.Runtime.InteropServices;

namespace SkTuning;

/// <summary>Describes the machine, without its name.</summary>
internal static class MachineInfo
{
    /// <summary>The name of the processor, from /proc/cpuinfo on Linux and from the environment on Windows; null if it is unknown.</summary>
    public static string? Processor { get; } = ReadProcessor();

    /// <summary>The number of cores that the process can use.</summary>
    public static int Cores => Environment.ProcessorCount;

    /// <summary>The name and version of the operating system.</summary>
    public static string OperatingSystem { get; } = RuntimeInformation.OSDescription.Trim();

    private static string? ReadProcessor()
    {
        const string Info = "/proc/cpuinfo", Key = "model name";
        try
        {
            if (File.Exists(Info) && File.ReadLines(Info).FirstOrDefault(l => l.StartsWith(Key, StringComparison.Ordinal)) is { } line)
                return line[(line.IndexOf(':') + 1)..].Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { }
        return Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER");
    }
}
