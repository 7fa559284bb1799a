namespace SkTuning;

/// <summary>Turns file errors of the operating system into one-line messages that name the file.</summary>
internal static class FileAccessErrors
{
    public static T Explain<T>(string path, Func<T> open)
    {
        try { return open(); }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw SkTuningException.BadFile(path, null, "nothing", "a file", "Check the path.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new SkTuningException($"{path}: cannot be used: {e.Message.ReplaceLineEndings(" ").TrimEnd()}", e);
        }
    }

    public static void Explain(string path, Action use) => Explain(path, () => { use(); return true; });
}
