namespace SkTuning.Hub;

/// <summary>
/// Allows one download of a blob at a time, across tasks and processes. Python's file lock is the same lock. The lock ends with the process that holds it.
/// </summary>
internal static class BlobLock
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    public static async Task<IDisposable> Take(string path, HubReport report, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        for (var reported = false; ; await Task.Delay(Pause, cancellationToken).ConfigureAwait(false))
        {
            cancellationToken.ThrowIfCancellationRequested();
            try { return OwnFile.OpenOrCreate(path, FileAccess.ReadWrite); }
            catch (IOException e) when (IsTaken(e))
            {
                if (!reported) report.Say(HubStep.Waiting);
                reported = true;
            }
        }
    }

    /// <summary>EWOULDBLOCK on Linux and on macOS, a sharing or lock violation on Windows.</summary>
    private static bool IsTaken(IOException e) => e.HResult is 11 or 35 || (e.HResult & 0xffff) is 32 or 33 && OperatingSystem.IsWindows();
}
