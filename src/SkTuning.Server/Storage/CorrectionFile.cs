namespace SkTuning.Server.Storage;

/// <summary>
/// The corrections of an adapter: a line of JSON for each, which training reads as rows. Lines are only added. Callers take turns to change a file; it can be
/// read meanwhile.
/// </summary>
internal sealed class CorrectionFile(string folder)
{
    public const string FileName = "corrections.jsonl";

    // Training may read the file at any time, and deleting it must not wait for a client that reads it slowly.
    private const FileShare Shared = FileShare.ReadWrite | FileShare.Delete;

    private readonly string _path = Path.Combine(folder, FileName);

    /// <summary>Adds a line, and returns the size of the file; null if it would be larger than the maximum.</summary>
    /// <exception cref="SkTuningException">The file cannot be written.</exception>
    public long? Add(ReadOnlySpan<byte> line, long maxBytes)
    {
        try
        {
            using var file = OwnFile.OpenOrCreate(_path, FileAccess.ReadWrite, Shared, bufferSize: 0);
            var end = CompleteLength(file);
            if (end + line.Length > maxBytes) return null;
            file.SetLength(end);
            file.Position = end;
            file.Write(line);
            // The answer says that the correction is kept: it must survive a power failure.
            file.Flush(flushToDisk: true);
            return end + line.Length;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { throw CannotUse(e); }
    }

    /// <summary>Removes the part of a line that a process wrote before it was ended.</summary>
    /// <exception cref="SkTuningException">The file cannot be used.</exception>
    public void Repair()
    {
        if (Open() is not var (read, length, _)) return;
        using (read)
            if (length == read.Length) return;
        try
        {
            using var file = OwnFile.OpenOrCreate(_path, FileAccess.ReadWrite, Shared, bufferSize: 0);
            file.SetLength(CompleteLength(file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { throw CannotUse(e); }
    }

    /// <summary>Opens the file, and returns the length of its complete lines with it; null if there is none.</summary>
    public (FileStream File, long Length, string Tag)? Open()
    {
        if (!File.Exists(_path)) return null;
        FileStream file;
        try { file = InputFile.Open(_path, share: Shared); }
        catch (SkTuningException) when (!File.Exists(_path)) { return null; }    // deleted meanwhile
        var length = CompleteLength(file);
        file.Position = 0;
        return (file, length, TagOf(length));
    }

    /// <summary>Deletes the file. With a tag, only if it is still as it was when it had the tag; false if it is not.</summary>
    public bool Delete(string? tag) => FileAccessErrors.Explain(_path, () =>
    {
        if (!File.Exists(_path)) return tag is null;
        if (tag is not null)
        {
            using var file = InputFile.Open(_path, share: Shared);
            if (TagOf(CompleteLength(file)) != tag) return false;
        }
        File.Delete(_path);
        return true;
    });

    /// <summary>The length up to the end of the last complete line.</summary>
    private static long CompleteLength(FileStream file)
    {
        var buffer = new byte[4096];
        for (var end = file.Length; end > 0;)
        {
            var start = Math.Max(0, end - buffer.Length);
            var part = buffer.AsSpan(0, (int)(end - start));
            file.Position = start;
            file.ReadExactly(part);
            if (part.LastIndexOf((byte)'\n') is >= 0 and var at) return start + at + 1;
            end = start;
        }
        return 0;
    }

    /// <summary>Lines are only added: a file that was not deleted meanwhile is the same if it has the same length.</summary>
    private string TagOf(long length)
        => FormattableString.Invariant($"\"{length:x}-{File.GetCreationTimeUtc(_path).Ticks:x}\"");

    private SkTuningFileException CannotUse(Exception e) => new($"{_path}: cannot be used: {e.Message.ReplaceLineEndings(" ").TrimEnd()}", _path, e);
}
