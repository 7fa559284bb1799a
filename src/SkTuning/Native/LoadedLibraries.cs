namespace SkTuning.Native;

/// <summary>Finds native libraries that the process has loaded.</summary>
internal static class LoadedLibraries
{
    /// <summary>Returns the path of a loaded library; null if there is none, or the system does not list them (only Linux does).</summary>
    /// <param name="ending">The end of its path.</param>
    public static string? Path(string ending)
    {
        if (!OperatingSystem.IsLinux()) return null;
        foreach (var line in File.ReadLines("/proc/self/maps"))
            if (line.EndsWith(ending, StringComparison.Ordinal))
                return line[line.IndexOf('/')..];
        return null;
    }
}
