using System.Text;
using System.Text.RegularExpressions;

namespace SkTuning;

/// <summary>
/// Replaces whole files. The new content is written to a temporary file in the same folder, flushed to disk and then renamed: a reader sees the
/// old file or the new one, never a part of either, and a failure leaves the old file unchanged. The new file has the mode of the old one on
/// Unix. Pipes and devices are refused.
/// </summary>
/// <remarks>
/// Of a path that the user named, a symbolic link stays a link and its final target is replaced. Of a file whose name anyone can predict, such as those in a
/// run folder, the link itself is replaced: it may have been put there to reach another file.
/// </remarks>
internal static partial class AtomicFile
{
    /// <summary>The extension of the temporary files: a process that is ended while it writes leaves one.</summary>
    public const string TemporaryExtension = ".new";

    /// <summary>Returns true if a file has a name that this class gives to temporary files.</summary>
    public static bool IsTemporary(string path) => TemporaryName().IsMatch(Path.GetFileName(path));

    [GeneratedRegex(@"\A.+\.[0-9a-f]{32}\.new\z")]
    private static partial Regex TemporaryName();

    /// <summary>Writes a file through a stream.</summary>
    /// <exception cref="SkTuningException">The file cannot be written.</exception>
    public static void Write(string path, Action<Stream> write, bool keepLink = true) => Write(path, (string temporary) =>
    {
        using var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None);
        write(stream);
    }, keepLink);

    /// <summary>Writes a file through a method that needs a path. The file at that path exists and is empty.</summary>
    /// <param name="path">The file to replace.</param>
    /// <param name="write">Writes the new content to the path that it receives.</param>
    /// <param name="keepLink">True to replace the target of a symbolic link, false to replace the link itself.</param>
    /// <exception cref="SkTuningException">The file cannot be written.</exception>
    public static void Write(string path, Action<string> write, bool keepLink = true) => FileAccessErrors.Explain(path, () =>
    {
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder) Directory.CreateDirectory(folder);
        Replace(path, write, keepLink);
    });

    /// <summary>Writes text as UTF-8 without a byte order mark.</summary>
    /// <exception cref="SkTuningException">The file cannot be written.</exception>
    public static void WriteText(string path, string text, bool keepLink = true)
        => Write(path, (Stream stream) => stream.Write(Encoding.UTF8.GetBytes(text)), keepLink);

    /// <summary>The same as <see cref="Write(string, Action{string}, bool)"/>, for callers that explain the system's exceptions themselves.</summary>
    public static void Replace(string path, Action<string> write, bool keepLink = true)
    {
        var target = keepLink ? FinalTarget(path) : path;
        if (keepLink || new FileInfo(path).LinkTarget is null) InputFile.RequireRegular(target, "Choose another name.");
        var temporary = $"{target}.{Guid.NewGuid():N}{TemporaryExtension}";
        var mode = ModeOf(target);
        try
        {
            // The content must not be readable by others while it is written, if the old one is not.
            var created = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (mode is { } restricted && !OperatingSystem.IsWindows()) created.UnixCreateMode = restricted | UnixFileMode.UserWrite;
            new FileStream(temporary, created).Dispose();
            write(temporary);
            using (var file = File.OpenHandle(temporary, FileMode.Open, FileAccess.Write)) RandomAccess.FlushToDisk(file);
            Publish(temporary, target);
        }
        catch
        {
            TryDelete(temporary);
            throw;
        }
    }

    /// <summary>Renames a complete new file over the file that it replaces, whose mode it gets.</summary>
    public static void Publish(string file, string target)
    {
        if (ModeOf(target) is { } mode && !OperatingSystem.IsWindows()) File.SetUnixFileMode(file, mode);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                File.Move(file, target, overwrite: true);
                return;
            }
            // On Windows a file cannot be replaced while a reader has it mapped, which is short.
            catch (Exception e) when (OperatingSystem.IsWindows() && attempt < 50 && e is (IOException or UnauthorizedAccessException) && File.Exists(file))
            {
                Thread.Sleep(20);
            }
        }
    }

    private static UnixFileMode? ModeOf(string path)
        => !OperatingSystem.IsWindows() && File.Exists(path) && new FileInfo(path).LinkTarget is null ? File.GetUnixFileMode(path) : null;

    private static string FinalTarget(string path)
        => new FileInfo(path).LinkTarget is null ? path : File.ResolveLinkTarget(path, returnFinalTarget: true)!.FullName;

    /// <summary>Deletes what a failed write left, without hiding the error that made it fail.</summary>
    private static void TryDelete(string file)
    {
        try { File.Delete(file); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { }
    }
}
