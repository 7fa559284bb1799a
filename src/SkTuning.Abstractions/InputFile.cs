namespace SkTuning;

/// <summary>
/// Opens files that come from elsewhere. Only regular files are opened: opening a named pipe waits until another process writes to it, and neither a
/// cancellation nor a signal ends that wait. Files that only stand for the real one, such as the pointers of Git LFS, are refused by name.
/// </summary>
internal static class InputFile
{
    /// <summary>Opens a file for reading.</summary>
    /// <exception cref="SkTuningException">The file is missing, cannot be read, or is not a regular file.</exception>
    public static FileStream Open(
        string path, int bufferSize = 4096, FileOptions options = FileOptions.None, FileShare share = FileShare.Read | FileShare.Delete)
    {
        RequireRegular(path);
        return FileAccessErrors.Explain(path, () => new FileStream(path, FileMode.Open, FileAccess.Read, share, bufferSize, options));
    }

    /// <summary>Reads a whole file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="maxBytes">The maximum size of a file of this kind.</param>
    /// <exception cref="SkTuningException">The file is missing, cannot be read, or is not what it should be.</exception>
    public static byte[] ReadAllBytes(string path, long maxBytes = long.MaxValue)
    {
        RequireRegular(path);
        var bytes = FileAccessErrors.Explain(path, () =>
        {
            using var file = File.OpenHandle(path);
            if (RandomAccess.GetLength(file) is var length && length > maxBytes)
                throw SkTuningException.BadFile(path, null, $"a file of {length} bytes", $"at most {maxBytes} bytes", "It is not a file of this kind.");
            return File.ReadAllBytes(path);
        });
        RefuseSubstitute(path, bytes);
        return bytes;
    }

    /// <summary>Reads a whole text file; UTF-8 unless a byte order mark says otherwise.</summary>
    /// <exception cref="SkTuningException">The file is missing, cannot be read, or is not what it should be.</exception>
    public static string ReadAllText(string path)
    {
        using var reader = new StreamReader(new MemoryStream(ReadAllBytes(path)), detectEncodingFromByteOrderMarks: true);
        return reader.ReadToEnd();
    }

    /// <summary>Refuses pipes, sockets, devices, and folders, also where a link leads to one. A path without a file is left to the caller's open.</summary>
    /// <exception cref="SkTuningException">The path does not name a regular file.</exception>
    public static void RequireRegular(string path, string advice = "Write its content to a file first.")
    {
        var type = Directory.Exists(path) ? FileStatus.Folder : FileStatus.Of(path, follow: true)?.Type ?? FileStatus.RegularFile;
        if (type == FileStatus.RegularFile) return;
        var found = type switch { FileStatus.Folder => "a folder", FileStatus.Pipe => "a named pipe", FileStatus.Socket => "a socket", _ => "a device" };
        throw SkTuningException.BadFile(path, null, found, "a regular file", type == FileStatus.Folder ? null : advice);
    }

    /// <summary>Refuses a file whose first bytes show that its content was not downloaded: a pointer of Git LFS, or a web page.</summary>
    /// <exception cref="SkTuningException">The file only stands for the real one.</exception>
    public static void RefuseSubstitute(string path, ReadOnlySpan<byte> start)
    {
        if (Substitute(start) is var (found, advice)) throw SkTuningException.BadFile(path, null, found, "the file itself", advice);
    }

    /// <summary>Returns what the first bytes of a file that was not downloaded show, and what to do; null for any other file.</summary>
    public static (string Found, string Advice)? Substitute(ReadOnlySpan<byte> start)
    {
        if (start.StartsWith("version https://git-lfs"u8)) return ("a Git LFS pointer: the file itself was not downloaded", "Run 'git lfs pull'.");
        var text = start.TrimStart("\uFEFF"u8).TrimStart(" \t\r\n"u8);
        if (StartsWith(text, "<!doctype html"u8) || StartsWith(text, "<html"u8)) return ("a web page", "Download the file again, from its direct link.");
        return null;
    }

    /// <summary>Whether a text starts with a word in lowercase, without regard to case.</summary>
    private static bool StartsWith(ReadOnlySpan<byte> text, ReadOnlySpan<byte> word)
    {
        if (text.Length < word.Length) return false;
        for (var i = 0; i < word.Length; i++)
            if (text[i] != word[i] && (text[i] | 0x20) != word[i]) return false;
        return true;
    }
}
