namespace SkTuning.Hub;

/// <summary>One download of a blob at a time, over tasks and processes; Python's file lock is the same lock. It ends with the process that holds it.</summary>
internal static class BlobLock
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    public static async Task<IDisposable> Take(string path, HubReport report, CancellationToken cancel)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        for (var said = false; ; await Task.Delay(Pause, cancel).ConfigureAwait(false))
        {
            cancel.ThrowIfCancellationRequested();
            try { return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None); }
            catch (IOException e) when (IsTaken(e))
            {
                if (!said) report.Say(HubStep.Waiting);
                said = true;
            }
        }
    }

    /// <summary>EWOULDBLOCK on Linux and on macOS, a sharing or lock violation on Windows.</summary>
    private static bool IsTaken(IOException e) => e.HResult is 11 or 35 || (e.HResult & 0xffff) is 32 or 33 && OperatingSystem.IsWindows();
}
