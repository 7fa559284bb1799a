using System.Globalization;

namespace SkTuning.Native;

/// <summary>Finds out how much memory the process can still take: the free memory of the machine, within the limits of its control groups.</summary>
internal static class MachineMemory
{
    /// <summary>Returns the available memory in bytes, at least 0.</summary>
    public static long Available() => Available("/");

    /// <summary>The same, of the system whose files are under a folder.</summary>
    internal static long Available(string root)
    {
        var left = ControlGroups(root).Append(OfMachine(root)).Min() ?? long.MaxValue;
        return left < long.MaxValue ? left : Math.Max(0, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes - Environment.WorkingSet);
    }

    private static long? OfMachine(string root) => Field(Path.Combine(root, "proc/meminfo"), "MemAvailable:") is { } kilobytes ? kilobytes * 1024 : null;

    /// <summary>What each limit leaves: those of the process's own group and of every group above it, which limit it as well.</summary>
    private static IEnumerable<long?> ControlGroups(string root)
    {
        foreach (var (folder, files) in ControlGroup.OfMemory(Read(Path.Combine(root, "proc/self/cgroup")), Read(Path.Combine(root, "proc/self/mountinfo"))))
        {
            string File(string name) => Path.Combine(root, folder.TrimStart('/'), name);
            foreach (var limit in files.Limits) yield return OfGroup(File(limit), File(files.Used), File("memory.stat"));
        }
    }

    /// <summary>The limit minus the memory in use. Cached pages of files that the system can drop do not count as used.</summary>
    internal static long? OfGroup(string limit, string used, string details)
        => Number(limit) is { } max && Number(used) is { } now
            ? Math.Max(0, max - now + (Field(details, "total_inactive_file") ?? Field(details, "inactive_file") ?? 0)) : null;

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
