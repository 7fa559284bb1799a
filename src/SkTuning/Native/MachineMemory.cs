using System.Globalization;

namespace SkTuning.Native;

/// <summary>How much memory a process may still take: what the machine has free, and what its control group (a container's limit) allows.</summary>
internal static class MachineMemory
{
    /// <summary>Bytes; never below 0.</summary>
    public static long Available()
    {
        var left = Math.Min(OfMachine() ?? long.MaxValue, OfGroup("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current", "/sys/fs/cgroup/memory.stat")
            ?? OfGroup("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes", "/sys/fs/cgroup/memory/memory.stat") ?? long.MaxValue);
        return left < long.MaxValue ? left : Math.Max(0, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes - Environment.WorkingSet);
    }

    private static long? OfMachine() => Field("/proc/meminfo", "MemAvailable:") is { } kilobytes ? kilobytes * 1024 : null;

    /// <summary>The limit less what is in use; pages of files that the system can drop do not count as used.</summary>
    internal static long? OfGroup(string limit, string used, string details)
        => Number(limit) is { } most && Number(used) is { } now ? Math.Max(0, most - now + (Field(details, "inactive_file") ?? 0)) : null;

    private static long? Number(string file) => Read(file) is { } text && long.TryParse(text.Trim(), CultureInfo.InvariantCulture, out var value) ? value : null;

    private static long? Field(string file, string name)
        => Read(file)?.Split('\n').Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)).FirstOrDefault(p => p.Length > 1 && p[0] == name) is { } parts && long.TryParse(parts[1], CultureInfo.InvariantCulture, out var value) ? value : null;

    private static string? Read(string file)
    {
        try { return File.Exists(file) ? File.ReadAllText(file) : null; }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { return null; }
    }
}
