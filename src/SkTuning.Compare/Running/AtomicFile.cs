namespace SkTuning.Compare;

/// <summary>Writes a file under a temporary name and renames it, so that readers see either the old file or the complete new one.</summary>
internal static class AtomicFile
{
    /// <summary>Writes a file, whose folder is created if necessary.</summary>
    public static void Write(string file, Action<Stream> write)
    {
        var temporary = $"{file}.{Environment.ProcessId}.new";
        try
        {
            if (Path.GetDirectoryName(Path.GetFullPath(file)) is { } folder) Directory.CreateDirectory(folder);
            using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.ReadWrite))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, file, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SkTuningException($"{file}: cannot be written: {e.Message.ReplaceLineEndings(" ")}", e);
        }
        finally
        {
            if (File.Exists(temporary)) File.Delete(temporary);
        }
    }
}
