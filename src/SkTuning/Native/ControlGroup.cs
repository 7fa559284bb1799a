using System.Globalization;
using System.Text.RegularExpressions;

namespace SkTuning.Native;

/// <summary>Finds the folders of the control groups that limit the process's memory, in both versions of control groups.</summary>
internal static partial class ControlGroup
{
    private static readonly Files Version1 = new(["memory.limit_in_bytes"], "memory.usage_in_bytes");

    /// <summary>Above memory.high, the system slows the process down until it makes no progress.</summary>
    private static readonly Files Version2 = new(["memory.max", "memory.high"], "memory.current");

    /// <summary>The names of a group's files: its limits and the memory in use, in bytes.</summary>
    public sealed record Files(string[] Limits, string Used);

    /// <summary>The process's own group and those above it, up to the root of each mounted hierarchy that limits memory.</summary>
    /// <param name="groups">The content of /proc/self/cgroup: lines "number:controllers:path"; "0::path" in version 2.</param>
    /// <param name="mounts">The content of /proc/self/mountinfo.</param>
    public static IEnumerable<(string Folder, Files Files)> OfMemory(string? groups, string? mounts)
    {
        var lines = (groups ?? "").Split('\n').Select(l => l.Split(':', 3)).Where(p => p.Length == 3).ToList();
        foreach (var mount in (mounts ?? "").Split('\n'))
        {
            // 36 35 98:0 /root /mount options… - type source options
            var (parts, dash) = (mount.Split(' '), mount.IndexOf(" - ", StringComparison.Ordinal));
            if (parts.Length < 6 || dash < 0) continue;
            var (root, at, rest) = (Plain(parts[3]), Plain(parts[4]).TrimEnd('/'), mount[(dash + 3)..].Split(' '));
            var files = rest[0] switch
            {
                "cgroup2" => Version2,
                "cgroup" when rest[^1].Split(',').Contains("memory") => Version1,
                _ => null,
            };
            var own = files is null ? null
                : lines.FirstOrDefault(p => files == Version2 ? p[0] == "0" && p[1].Length == 0 : p[1].Split(',').Contains("memory"))?[2];
            if (own is null) continue;
            for (var below = Below(root, own); ; below = below[..below.LastIndexOf('/')])
            {
                yield return (at + below, files!);
                if (below.Length == 0) break;
            }
        }
    }

    /// <summary>
    /// The path of a group below the root of a mount, as "" or "/a/b". In a container, the mount often shows the process's own group as its root.
    /// </summary>
    private static string Below(string root, string group)
    {
        root = root.TrimEnd('/');
        var below = group.StartsWith(root + "/", StringComparison.Ordinal) ? group[root.Length..].TrimEnd('/') : "";
        return below.Split('/').Contains("..") ? "" : below;
    }

    /// <summary>The system writes blanks and backslashes in paths as \040 and so on.</summary>
    private static string Plain(string path)
        => Octal().Replace(path, m => ((char)Convert.ToInt32(m.Groups[1].Value, 8)).ToString(CultureInfo.InvariantCulture));

    [GeneratedRegex(@"\\([0-7]{3})")]
    private static partial Regex Octal();
}
