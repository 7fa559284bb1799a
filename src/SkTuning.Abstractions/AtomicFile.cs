using System.Text;

namespace SkTuning;

/// <summary>
/// Replaces whole files. The new content is written to a temporary file in the same folder, flushed to disk and then renamed: a reader sees the old file or the
/// new one, never a part of either, and a failure leaves the old file unchanged. A symbolic link stays a link; its final target is replaced.
/// </summary>
internal static class AtomicFile
{
    /// <summary>The extension of the temporary files: a process that is ended while it writes leaves one.</summary>
    public const string TemporaryExtension = ".new";

    /// <summary>Writes a file through a stream.</summary>
    /// <exception cref="SkTuningException">The file cannot be written.</exception>
    public static void Write(string path, Action<Stream> write) => Write(path, (string temporary) =>
    {
        using var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        write(stream);
    });

    /// <summary>Writes a file through a method that needs a path. The file at that path does not exist yet.</summary>
    /// <exception cref="SkTuningException">The file cannot be written.</exception>
    public static void Write(string path, Action<string> write) => FileAccessErrors.Explain(path, () =>
    {
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder) Directory.CreateDirectory(folder);
        Replace(path, write);
    });

    /// <summary>Writes text as UTF-8 without a byte order mark.</summary>
    /// <exception cref="SkTuningException">The file cannot be written.</exception>
    public static void WriteText(string path, string text) => Write(path, (Stream stream) => stream.Write(Encoding.UTF8.GetBytes(text)));

    /// <summary>The same as <see cref="Write(string, Action{string})"/>, for callers that explain the system's exceptions themselves.</summary>
    public static void Replace(string path, Action<string> write)
    {
        var target = FinalTarget(path);
        var temporary = $"{target}.{Guid.NewGuid():N}{TemporaryExtension}";
        try
        {
            write(temporary);
            using (var file = File.OpenHandle(temporary, FileMode.Open, FileAccess.Write)) RandomAccess.FlushToDisk(file);
            File.Move(temporary, target, overwrite: true);
        }
        catch
        {
            TryDelete(temporary);
            throw;
        }
    }

    private static string FinalTarget(string path)
        => new FileInfo(path).LinkTarget is null ? path : File.ResolveLinkTarget(path, returnFinalTarget: true)!.FullName;

    /// <summary>Deletes what a failed write left, without hiding the error that made it fail.</summary>
    private static void TryDelete(string file)
    {
        try { File.Delete(file); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { }
    }
}
