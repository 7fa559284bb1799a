namespace SkTuning.Hub;

/// <summary>
/// One model in the cache that Python's huggingface_hub uses: <c>models--org--name/blobs/{etag}</c>, <c>snapshots/{commit}/{file}</c> as relative links
/// to the blobs, and <c>refs/{revision}</c> with the commit. In addition, <c>.sktuning/{commit}/{file}</c> records each file's checksum, so that a change is
/// noticed offline and on disks without links.
/// </summary>
internal sealed class HubCache(string root, HubRepository repository, bool links)
{
    private bool _links = links;

    public string Folder { get; } = Path.Combine(root, repository.Folder);

    public string Blob(string etag) => Path.Combine(Folder, "blobs", etag);

    public string Incomplete(string etag) => Blob(etag) + ".incomplete";

    /// <summary>The path of the file that Python locks while it downloads the same blob.</summary>
    public string Lock(string etag) => Path.Combine(root, ".locks", repository.Folder, etag + ".lock");

    public string Snapshot(string commit) => Path.Combine(Folder, "snapshots", commit);

    /// <summary>The path of the model's file in the snapshot.</summary>
    public string Pointer(string commit, string file) => Inside(Snapshot(commit), file);

    /// <summary>The commit of the revision at its last complete download, or null.</summary>
    public string? Commit()
    {
        if (repository.RevisionIsCommit) return Directory.Exists(Snapshot(repository.Revision)) ? repository.Revision : null;
        var reference = Inside(Path.Combine(Folder, "refs"), repository.Revision);
        if (!File.Exists(reference) || Length(reference) > 100) return null;
        return InputFile.ReadAllText(reference).Trim() is var commit && HubRepository.IsCommit(commit) && Directory.Exists(Snapshot(commit)) ? commit : null;
    }

    public void Remember(string commit)
    {
        if (!repository.RevisionIsCommit) WriteWhole(Inside(Path.Combine(Folder, "refs"), repository.Revision), commit);
    }

    /// <summary>The names of a snapshot's files, without broken links.</summary>
    public IReadOnlySet<string> Files(string commit)
    {
        var folder = Snapshot(commit);
        if (!Directory.Exists(folder)) return new HashSet<string>();
        return Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(IsFile)
            .Select(f => Path.GetRelativePath(folder, f).Replace('\\', '/')).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>True if the file exists and, if it is a link, so does its target.</summary>
    public static bool IsFile(string path) => File.Exists(path) && (File.ResolveLinkTarget(path, returnFinalTarget: true)?.Exists ?? true);

    /// <summary>The length in bytes of the file, or of a link's target. (FileInfo.Length of a link is the length of the target's name.)</summary>
    public static long Length(string path) => ((FileInfo?)File.ResolveLinkTarget(path, returnFinalTarget: true) ?? new FileInfo(path)).Length;

    /// <summary>
    /// The checksum of a snapshot's file when it was downloaded: the recorded one, or the name of the blob that Python linked to. Null if unknown.
    /// </summary>
    public string? Etag(string commit, string file)
    {
        var record = Record(commit, file);
        if (File.Exists(record) && Length(record) < 100 && InputFile.ReadAllText(record) is var etag && Checksum.IsChecksum(etag)) return etag;
        return Path.GetFileName(new FileInfo(Pointer(commit, file)).LinkTarget) is { } target && Checksum.IsChecksum(target) ? target : null;
    }

    /// <summary>
    /// Places a blob in the snapshot: as a relative link. Where links are not available, the blob itself is moved there if it is <paramref name="fresh"/>,
    /// and copied otherwise.
    /// </summary>
    public void Place(string commit, string file, string etag, bool fresh)
    {
        var (pointer, blob) = (Pointer(commit, file), Blob(etag));
        CreateFolder(pointer);
        if (!Linked(pointer, Path.GetRelativePath(Path.GetDirectoryName(pointer)!, blob)))
        {
            if (fresh) File.Move(blob, pointer, overwrite: true);
            else
            {
                var copy = $"{blob}.{Guid.NewGuid():N}{AtomicFile.TemporaryExtension}";
                File.Copy(blob, copy);
                File.Move(copy, pointer, overwrite: true);
            }
        }
        Record(commit, file, etag);
    }

    public void Record(string commit, string file, string etag) => WriteWhole(Record(commit, file), etag);

    private string Record(string commit, string file) => Inside(Path.Combine(Folder, ".sktuning", commit), file);

    private bool Linked(string pointer, string target)
    {
        if (!_links) return false;
        if (new FileInfo(pointer).LinkTarget == target) return true;
        try
        {
            File.Delete(pointer);
            File.CreateSymbolicLink(pointer, target);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or PlatformNotSupportedException)
        {
            if (new FileInfo(pointer).LinkTarget == target) return true; // another process was faster
            return _links = false;
        }
    }

    private void WriteWhole(string path, string text)
    {
        CreateFolder(path);
        if (new FileInfo(path) is { Exists: true, LinkTarget: null } file && file.Length == text.Length && InputFile.ReadAllText(path) == text) return;
        AtomicFile.WriteText(path, text, keepLink: false);
    }

    /// <summary>Creates the folder of a file. A link among the folders below the model's own one would lead writes and deletions elsewhere.</summary>
    private void CreateFolder(string path)
    {
        for (var folder = Path.GetDirectoryName(path)!; folder.Length > Folder.Length; folder = Path.GetDirectoryName(folder)!)
            if (new DirectoryInfo(folder).LinkTarget is not null)
                throw SkTuningException.BadFile(folder, null, "a link", "a folder", "Remove the link, or set HF_HOME to a folder of your own.");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
    }

    /// <summary>The last check, after those of the names: some file systems give characters of a name a meaning that those checks do not know.</summary>
    private static string Inside(string folder, string name)
    {
        var path = Path.GetFullPath(Path.Combine(folder, name));
        return path.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal) ? path
            : throw SkTuningException.BadFile(folder, HubRepository.OneLine(name), "a path outside the folder", "a plain relative path");
    }
}
