namespace SkTuning;

/// <summary>
/// Opens files with fixed names in the product's own folders for writing. Anyone who can write to the folder can put a link with such a name there: links,
/// pipes and folders in the place of the file are refused.
/// </summary>
internal static class FolderFile
{
    /// <summary>Opens a file, which is created if it does not exist.</summary>
    /// <exception cref="SkTuningException">Something other than a regular file has the name.</exception>
    /// <exception cref="IOException">The file cannot be opened, or another process has it open.</exception>
    public static FileStream Open(string path, FileShare share)
    {
        Require(path);
        return new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, share, bufferSize: 0);
    }

    /// <summary>Refuses anything but a regular file; a path without a file is accepted.</summary>
    /// <exception cref="SkTuningException">Something other than a regular file has the name.</exception>
    public static void Require(string path)
    {
        if (new FileInfo(path).LinkTarget is { } target)
            throw SkTuningException.BadFile(path, null, $"a link to {target}", "a regular file, or none", "Remove the link, or choose another folder.");
        InputFile.RequireRegular(path, "Remove it, or choose another folder.");
    }

    /// <summary>Locks a folder by one of its files, until the stream is disposed or the process ends in any way.</summary>
    /// <exception cref="SkTuningException">Another process has the lock, or something other than a regular file has the name.</exception>
    public static FileStream Lock(string path, string folder)
    {
        try { return Open(path, FileShare.None); }
        catch (IOException e) when (File.Exists(path))
        {
            throw SkTuningException.BadFile(path, null, "a lock that another process holds", $"{folder} that no other process uses",
                "Wait for the other process, or choose another folder.", e);
        }
    }
}
