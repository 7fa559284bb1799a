namespace SkTuning.Adapters;

/// <summary>What a save writes to a folder.</summary>
/// <param name="What">What the folder holds, such as <c>an adapter</c>.</param>
/// <param name="Files">The files, in the order in which they are put in their places; others follow them.</param>
/// <param name="Check">Refuses a folder whose files of these names are not from an earlier save.</param>
internal sealed record FolderContent(string What, IReadOnlyList<string> Files, Action<string> Check)
{
    /// <summary>The name of the file without which the folder is not usable, which is put in its place last; null if there is none.</summary>
    public string? Last { get; init; }

    /// <summary>Called with the folder and the staging folder after all files are in their places.</summary>
    public Action<string, string>? Settle { get; init; }
}

/// <summary>
/// Replaces what an earlier save wrote to a folder, and nothing else in it. The new files are written completely to another folder first. A new folder appears
/// complete; in an existing one, the files are renamed one after another. A failure, a full disk or the end of the process before the first of them leaves the
/// old files.
/// </summary>
internal static class AtomicFolder
{
    /// <summary>Called before each rename on this thread, so that tests can look at every intermediate state.</summary>
    [ThreadStatic] internal static Action? BeforeRename;

    /// <summary>Writes a folder.</summary>
    /// <param name="folder">The path of the folder.</param>
    /// <param name="content">What is written.</param>
    /// <param name="write">Fills the staging folder whose path it receives.</param>
    /// <exception cref="SkTuningException">The folder holds other files, or cannot be written.</exception>
    public static void Write(string folder, FolderContent content, Action<string> write) => FileAccessErrors.Explain(folder, () =>
    {
        folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        var parent = Path.GetDirectoryName(folder) ?? throw new SkTuningException($"{folder}: is the root of a disk, expected a folder.");
        var isNew = !Directory.Exists(folder);
        RequireReplaceable(folder, content);
        Directory.CreateDirectory(parent);
        StagingFolder.RemoveAbandoned(folder);
        using var staging = isNew ? StagingFolder.Beside(folder) : StagingFolder.Inside(folder);
        write(staging.Path);
        Flush(staging.Path);
        if (isNew && staging.TryBecome(folder)) return;
        if (isNew) RequireReplaceable(folder, content);
        Publish(staging, folder, content);
        content.Settle?.Invoke(folder, staging.Path);
        staging.IsHalfDone = false;
    });

    /// <summary>Refuses a path that cannot be written because of what is there.</summary>
    /// <exception cref="SkTuningException">The path names a file, or a folder with other files.</exception>
    public static void RequireReplaceable(string folder, FolderContent content)
    {
        folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (!Directory.Exists(folder))
        {
            var file = new FileInfo(folder);
            var isLink = file.LinkTarget is not null;
            if (!isLink && !file.Exists) return;
            var isDangling = isLink && file.ResolveLinkTarget(returnFinalTarget: true)?.Exists != true;
            throw SkTuningException.BadFile(folder, null, isDangling ? "a link to nothing" : "a file", $"a new folder, or {content.What} to replace",
                "Choose another name.");
        }
        var entries = StagingFolder.OtherEntries(folder).ToHashSet(StringComparer.Ordinal);
        if (entries.Count == 0) return;
        if (!content.Files.Any(entries.Contains))
        {
            throw SkTuningException.BadFile(folder, null, "a folder with other files", $"a new folder, an empty one, or {content.What} to replace",
                "Choose another name.");
        }
        foreach (var file in content.Files.Select(f => Path.Combine(folder, f)))
            if (new FileInfo(file).LinkTarget is null) InputFile.RequireRegular(file, "Choose another folder.");
        content.Check(folder);
    }

    /// <summary>Writes files to the disk: after a power failure, a file that was renamed before its content was written would be empty.</summary>
    private static void Flush(string folder)
    {
        foreach (var path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(f => Path.GetFileName(f) != StagingFolder.LockFile))
        {
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
            RandomAccess.FlushToDisk(file);
        }
    }

    private static void Publish(StagingFolder staging, string folder, FolderContent content)
    {
        var written = Directory.EnumerateFileSystemEntries(staging.Path).Select(e => Path.GetFileName(e))
            .Where(name => name != StagingFolder.LockFile).Order(StringComparer.Ordinal).ToList();
        foreach (var name in content.Files.Where(written.Contains).Concat(written.Except(content.Files).OrderBy(n => n == content.Last)))
        {
            var (from, to) = (Path.Combine(staging.Path, name), Path.Combine(folder, name));
            BeforeRename?.Invoke();
            if (Directory.Exists(from)) Directory.Move(from, to);
            else AtomicFile.Publish(from, to);
            staging.IsHalfDone = true;
        }
        BeforeRename?.Invoke();
    }
}
