using System.Globalization;

namespace SkTuning.Native;

/// <summary>Finds out how much memory the process can still take: the free memory of the machine, within the limit of its control group (container).</summary>
internal static class MachineMemory
{
    /// <summary>Returns the available memory in bytes, at least 0.</summary>
    public static long Available()
    {
        const string v2 = "/sys/fs/cgroup/memory.", v1 = "/sys/fs/cgroup/memory/memory.";
        var ofGroup = OfGroup(v2 + "max", v2 + "current", v2 + "stat") ?? OfGroup(v1 + "limit_in_bytes", v1 + "usage_in_bytes", v1 + "stat");
        var left = Math.Min(OfMachine() ?? long.MaxValue, ofGroup ?? long.MaxValue);
        return left < long.MaxValue ? left : Math.Max(0, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes - Environment.WorkingSet);
    }

    private static long? OfMachine() => Field("/proc/meminfo", "MemAvailable:") is { } kilobytes ? kilobytes * 1024 : null;

    /// <summary>The limit minus the memory in use. Cached pages of files that the system can drop do not count as used.</summary>
    internal static long? OfGroup(string limit, string used, string details)
        => Number(limit) is { } max && Number(used) is { } now ? Math.Max(0, max - now + (Field(details, "inactive_file") ?? 0)) : null;

    private static long? Number(string file)
        => Read(file) is { } text && long.TryParse(text.Trim(), CultureInfo.InvariantCulture, out var value) ? value : null;

    private static long? Field(string file, string name)
    {
        var lines = Read(file)?.Split('\n').Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        var line = lines?.FirstOrDefault(p => p.Length > 1 && p[0] == name);
        return line is not null && long.TryParse(line[1], CultureInfo.InvariantCulture, out var value) ? value : null;
    }

    private static string? Read(string file)
    {
        try { return File.Exists(file) ? File.ReadAllText(file) : null; }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { return null; }
    }
}
