namespace SkTuning.Adapters;

/// <summary>
/// Replaces whole folders. The new folder is written next to the old one and then renamed: a reader sees the old folder or the new one, and a full disk leaves
/// the old one unchanged.
/// </summary>
internal static class AtomicFolder
{
    /// <summary>Writes a folder.</summary>
    /// <param name="folder">The path of the folder.</param>
    /// <param name="write">Fills the temporary folder whose path it receives.</param>
    /// <param name="marker">The name of a file that marks a folder as replaceable.</param>
    public static void Write(string folder, Action<string> write, string marker = AdapterFolder.DefinitionFile) => FileAccessErrors.Explain(folder, () =>
    {
        folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        var parent = Path.GetDirectoryName(folder) ?? throw new SkTuningException($"{folder}: is the root of a disk, expected a folder.");
        if (File.Exists(folder)) throw SkTuningException.BadFile(folder, null, "a file", "a new folder, or an adapter to replace");
        Directory.CreateDirectory(parent);
        var name = $".{Path.GetFileName(folder)}.{Environment.ProcessId}-{Guid.NewGuid():N}";
        string temporary = Path.Combine(parent, name + ".new"), old = Path.Combine(parent, name + ".old");
        try
        {
            Directory.CreateDirectory(temporary);
            write(temporary);
            if (!Directory.Exists(folder)) Directory.Move(temporary, folder);
            else Replace(folder, temporary, old, marker);
        }
        finally
        {
            Remove(temporary);
            if (Directory.Exists(folder)) Remove(old);
        }
    });

    private static void Replace(string folder, string temporary, string old, string marker)
    {
        if (!File.Exists(Path.Combine(folder, marker)) && Directory.EnumerateFileSystemEntries(folder).Any())
        {
            throw SkTuningException.BadFile(folder, null, "a folder with other files", "a new folder, an empty one, or an adapter to replace",
                "Choose another name.");
        }
        Directory.Move(folder, old);
        try { Directory.Move(temporary, folder); }
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
