namespace SkTuning;

/// <summary>Turns the operating system's exceptions about a file into one-line errors that name the file.</summary>
internal static class FileAccessErrors
{
    public static T Explain<T>(string path, Func<T> open)
    {
        try { return open(); }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw SkTuningException.BadFile(path, null, SkTuningFileException.Nothing, "a file", "Check the path.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new SkTuningFileException($"{path}: cannot be used: {e.Message.ReplaceLineEndings(" ").TrimEnd()}", path, e);
        }
    }

    public static void Explain(string path, Action use) => Explain(path, () => { use(); return true; });
}
