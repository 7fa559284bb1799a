namespace SkTuning;

/// <summary>
/// Opens files with known names for writing, in folders that other users may be able to write to. A link at the file's path is removed, never written through:
/// somebody else could have made it, to a file of this user.
/// </summary>
internal static class OwnFile
{
    private const int Tries = 4;

    /// <summary>Opens a regular file, or creates it.</summary>
    /// <exception cref="SkTuningException">The path names a pipe, a folder or a device, or a link that comes back whenever it is removed.</exception>
    public static FileStream OpenOrCreate(string path, FileAccess access, FileShare share = FileShare.None, int bufferSize = 4096)
    {
        for (var tries = 0; tries < Tries; tries++)
        {
            RemoveLink(path);
            // Creating a file never follows a link. Opening does, but changes nothing: what was opened is compared before it is written to.
            try { return new FileStream(path, FileMode.CreateNew, access, share, bufferSize); }
            catch (IOException e) when (Exists(e)) { }
            InputFile.RequireRegular(path);
            try
            {
                var file = new FileStream(path, FileMode.Open, access, share, bufferSize);
                if (IsOnlyName(path, file)) return file;
                file.Dispose();
            }
            catch (FileNotFoundException) { }                                   // deleted in the meantime
        }
        throw SkTuningException.BadFile(
            path, null, "a link to another file", "a regular file", "Another program changes the folder: use a folder of your own.");
    }

    /// <summary>Deletes a path that is a symbolic link, or another name of a file that has several.</summary>
    private static void RemoveLink(string path)
    {
        if (new FileInfo(path).LinkTarget is not null || (FileStatus.Of(path, follow: false) is { Names: > 1 } && !Directory.Exists(path))) File.Delete(path);
    }

    /// <summary>Returns true if the path is the only name of the open file, and not a link to it.</summary>
    private static bool IsOnlyName(string path, FileStream file)
    {
        if (!OperatingSystem.IsLinux()) return new FileInfo(path).LinkTarget is null;
        var (opened, named) = (FileStatus.Of(file), FileStatus.Of(path, follow: false));
        return opened is null || named is null || (opened == named && opened.Value.Names <= 1);
    }

    /// <summary>EEXIST; ERROR_FILE_EXISTS and ERROR_ALREADY_EXISTS.</summary>
    private static bool Exists(IOException e) => e.HResult is 17 or unchecked((int)0x80070050) or unchecked((int)0x800700B7);
}
