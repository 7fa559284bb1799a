namespace SkTuning.Adapters;

/// <summary>Writes a folder beside its place and renames it: a reader sees the old folder or the new one, and a full disk leaves the old one.</summary>
internal static class AtomicFolder
{
    /// <param name="folder">Where it shall be.</param>
    /// <param name="write">Fills the folder that it is given.</param>
    /// <param name="marker">A file that tells a folder that may be replaced.</param>
    public static void Write(string folder, Action<string> write, string marker = AdapterFolder.DefinitionFile) => FileAccessErrors.Explain(folder, () =>
    {
        folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        var parent = Path.GetDirectoryName(folder) ?? throw new SkTuningException($"{folder}: is the root of a disk, expected a folder's name.");
        if (File.Exists(folder)) throw SkTuningException.BadFile(folder, null, "a file", "a folder's name that is free, or an adapter to replace");
        Directory.CreateDirectory(parent);
        var name = $".{Path.GetFileName(folder)}.{Environment.ProcessId}-{Guid.NewGuid():N}";
        string beside = Path.Combine(parent, name + ".new"), old = Path.Combine(parent, name + ".old");
        try
        {
            Directory.CreateDirectory(beside);
            write(beside);
            if (!Directory.Exists(folder)) Directory.Move(beside, folder);
            else Replace(folder, beside, old, marker);
        }
        finally
        {
            Remove(beside);
            if (Directory.Exists(folder)) Remove(old);
        }
    });

    private static void Replace(string folder, string beside, string old, string marker)
    {
        if (!File.Exists(Path.Combine(folder, marker)) && Directory.EnumerateFileSystemEntries(folder).Any())
            throw SkTuningException.BadFile(folder, null, "a folder with other files", "a new folder, an empty one, or an adapter to replace", "Choose another name.");
        Directory.Move(folder, old);
        try { Directory.Move(beside, folder); }
        catch
        {
            Directory.Move(old, folder);
            throw;
        }
    }

    private static void Remove(string folder)
    {
        try { if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { }
    }
}
