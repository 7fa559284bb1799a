using System.Text.RegularExpressions;

namespace SkTuning.Adapters;

/// <summary>
/// The folder that a save writes its new files to before it renames them to their places: a hidden folder inside the folder that it saves to, or beside it if
/// that does not exist yet. Its lock file is open as long as the save runs, so that another save can recognize and remove what an ended process left.
/// </summary>
internal sealed partial class StagingFolder : IDisposable
{
    public const string LockFile = ".lock";
    private const string Extension = ".saving";
    private const int MaxTries = 5;

    private static readonly TimeSpan TimeToLock = TimeSpan.FromMinutes(1);

    private readonly string _prefix;
    private FileStream? _lock;

    private StagingFolder(string path, string prefix, FileStream locked) => (Path, _prefix, _lock) = (path, prefix, locked);

    public string Path { get; private set; }

    /// <summary>True if the files that are left in the folder must stay: some of them were renamed and some were not.</summary>
    public bool IsHalfDone { get; set; }

    /// <summary>Creates a folder for files that will be renamed into an existing folder.</summary>
    public static StagingFolder Inside(string folder) => Create(folder, "", isPrivate: true);

    /// <summary>Creates a folder that will be renamed to a new folder.</summary>
    public static StagingFolder Beside(string folder)
        => Create(System.IO.Path.GetDirectoryName(folder)!, System.IO.Path.GetFileName(folder) + ".", isPrivate: false);

    /// <summary>Returns true if a save to the folder is running, or was ended before it was complete.</summary>
    public static bool IsIn(string folder) => Directory.EnumerateDirectories(folder).Any(d => IsStaging(d, ""));

    /// <summary>Returns the entries of a folder that are not the staging folder of a save.</summary>
    public static IEnumerable<string> OtherEntries(string folder)
        => Directory.EnumerateFileSystemEntries(folder).Where(e => !IsStaging(e, "")).Select(e => System.IO.Path.GetFileName(e));

    private static StagingFolder Create(string parent, string prefix, bool isPrivate)
    {
        for (var attempt = 1; ; attempt++)
        {
            var path = System.IO.Path.Combine(parent, $".{prefix}{Guid.NewGuid():N}{Extension}");
            if (isPrivate && !OperatingSystem.IsWindows())
                Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            else Directory.CreateDirectory(path);
            try
            {
                var lockFile = System.IO.Path.Combine(path, LockFile);
                var locked = new FileStream(lockFile, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
                if (File.Exists(lockFile)) return new(path, prefix, locked);
                locked.Dispose();                                              // another save took it for an abandoned one before it was locked
            }
            // Another save opened the file before it was locked here, to see whether it is an abandoned one: it removes the folder.
            catch (IOException) when (attempt < MaxTries) { Delete(path); }
            catch
            {
                Delete(path);
                throw;
            }
        }
    }

    /// <summary>Renames the folder to the new folder.</summary>
    /// <returns>False if that folder exists by now; this folder is inside it then.</returns>
    public bool TryBecome(string folder)
    {
        Unlock();
        File.Delete(System.IO.Path.Combine(Path, LockFile));
        AtomicFolder.BeforeRename?.Invoke();
        try
        {
            Directory.Move(Path, folder);
            return true;
        }
        catch (IOException) when (Directory.Exists(folder))
        {
            var inside = System.IO.Path.Combine(folder, "." + System.IO.Path.GetFileName(Path)[(1 + _prefix.Length)..]);
            Directory.Move(Path, inside);
            Path = inside;
            return false;
        }
    }

    /// <summary>Removes the staging folders of ended processes, beside a folder and inside it.</summary>
    public static void RemoveAbandoned(string folder)
    {
        RemoveAbandoned(folder, "");
        if (System.IO.Path.GetDirectoryName(folder) is { } parent) RemoveAbandoned(parent, System.IO.Path.GetFileName(folder) + ".");
    }

    private static void RemoveAbandoned(string parent, string prefix)
    {
        try
        {
            foreach (var path in Directory.GetDirectories(parent, ".*" + Extension).Where(d => IsStaging(d, prefix)))
                if (IsAbandoned(path)) Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { }
    }

    private static bool IsAbandoned(string path)
    {
        var lockFile = System.IO.Path.Combine(path, LockFile);
        try
        {
            if (!File.Exists(lockFile)) return DateTime.UtcNow - Directory.GetLastWriteTimeUtc(path) > TimeToLock;
            using var locked = new FileStream(lockFile, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            if (!OperatingSystem.IsWindows()) Delete(path);                    // while it is locked, where an open file can be deleted
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { return false; }
    }

    private static bool IsStaging(string path, string prefix)
    {
        var name = System.IO.Path.GetFileName(path);
        return name.StartsWith("." + prefix, StringComparison.Ordinal) && Ending().IsMatch(name.AsSpan(1 + prefix.Length))
            && new DirectoryInfo(path) is { LinkTarget: null, Exists: true };
    }

    private static void Delete(string path)
    {
        try { if (Directory.Exists(path)) Directory.Delete(path, recursive: true); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { }
    }

    private void Unlock()
    {
        _lock?.Dispose();
        _lock = null;
    }

    public void Dispose()
    {
        Unlock();
        if (!IsHalfDone) Delete(Path);
    }

    [GeneratedRegex(@"\A[0-9a-f]{32}\.saving\z")]
    private static partial Regex Ending();
}
