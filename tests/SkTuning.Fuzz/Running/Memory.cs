using System.Diagnostics;
using System.Globalization;

namespace SkTuning.Fuzz.Running;

/// <summary>The memory of a process in bytes, from /proc where there is one.</summary>
internal static class Memory
{
    /// <summary>Starts a new peak and returns the memory in use.</summary>
    public static long ResetPeak()
    {
        try { File.WriteAllText("/proc/self/clear_refs", "5"); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { }
        return Resident(Environment.ProcessId);
    }

    /// <summary>The peak since <see cref="ResetPeak"/>.</summary>
    public static long Peak() => Line("/proc/self/status", "VmHWM:") ?? Environment.WorkingSet;

    /// <summary>The memory that a process has in use; 0 if it has ended.</summary>
    public static long Resident(int process)
    {
        if (OperatingSystem.IsLinux()) return Line($"/proc/{process.ToString(CultureInfo.InvariantCulture)}/status", "VmRSS:") ?? 0;
        try { return Process.GetProcessById(process).WorkingSet64; }
        catch (ArgumentException) { return 0; }
    }

    private static long? Line(string file, string name)
    {
        try
        {
            foreach (var line in File.ReadLines(file))
            {
                if (!line.StartsWith(name, StringComparison.Ordinal)) continue;
                return 1024 * long.Parse(line.AsSpan(name.Length, line.Length - name.Length - 2).Trim(), CultureInfo.InvariantCulture);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { }
        return null;
    }
}
