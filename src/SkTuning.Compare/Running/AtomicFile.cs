namespace SkTuning.Compare;

/// <summary>Writes a file beside its place and renames it: a reader sees the old one or the new one, whatever happens in between.</summary>
internal static class AtomicFile
{
    public static void Write(string file, Action<Stream> write)
    {
        var beside = $"{file}.{Environment.ProcessId}.new";
        try
        {
            using (var stream = new FileStream(beside, FileMode.Create, FileAccess.ReadWrite))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(beside, file, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SkTuningException($"{file}: cannot be written: {e.Message.ReplaceLineEndings(" ")}", e);
        }
        finally
        {
            if (File.Exists(beside)) File.Delete(beside);
        }
    }
}
