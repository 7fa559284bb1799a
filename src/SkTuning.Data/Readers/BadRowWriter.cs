using System.Text.Encodings.Web;
using System.Text.Json;

namespace SkTuning;

/// <summary>
/// Counts rows that could not be read and writes them to a file, one JSON object per line: <c>file</c>, <c>line</c>, <c>reason</c>, <c>content</c>. The
/// first such row creates the file. If there is none, a <c>.bad.jsonl</c> file from an earlier run is emptied. A file with other content is never overwritten.
/// Usage: <c>new RowFileOptions { OnBadRow = writer.Add }</c>.
/// </summary>
/// <param name="path">The file to write. It cannot be a file that rows are read from.</param>
public sealed class BadRowWriter(string path) : IDisposable
{
    private const string Suffix = ".bad.jsonl";

    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private FileStream? _file;

    /// <summary>Gets the path of the file that is written.</summary>
    public string Path { get; } = path;

    /// <summary>Gets the number of rows that were added.</summary>
    public long Count { get; private set; }

    /// <summary>Returns the usual name for a file of rows: <c>rows.tsv.bad.jsonl</c> for <c>rows.tsv</c>.</summary>
    public static string NameFor(string rowFile) => rowFile + Suffix;

    /// <summary>Writes a row to the file.</summary>
    /// <exception cref="SkTuningException">The file cannot be written, or the row comes from this file.</exception>
    public void Add(BadRow row)
    {
        if (System.IO.Path.GetFullPath(row.File) == System.IO.Path.GetFullPath(Path))
            throw new SkTuningException($"{Path}: rows are read from this file, expected another file for bad rows. Choose another name.");
        FileAccessErrors.Explain(Path, () => Write(row));
        Count++;
    }

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        // A file with any other name might not be a list of bad rows.
        if (_file is null && Count == 0 && Path.EndsWith(Suffix, StringComparison.Ordinal) && File.Exists(Path) && IsReplaceable())
            FileAccessErrors.Explain(Path, () => File.Create(Path).Dispose());
        _file?.Dispose();
        _file = null;
    }

    /// <summary>True if the file does not exist, is empty (as devices and pipes are), or is a list that an earlier run wrote.</summary>
    private bool IsReplaceable()
    {
        if (new FileInfo(Path) is not { Exists: true } file || (file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file).Length == 0) return true;
        var start = new byte[16];
        using var stream = InputFile.Open(Path);
        return stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length && start.AsSpan().StartsWith("{\"file\":\""u8);
    }

    private void Write(BadRow row)
    {
        if (_file is null && Count == 0 && !IsReplaceable())
        {
            throw SkTuningException.BadFile(Path, null, "a file with other content", "a new file, or a list of bad rows to replace", "Choose another name.");
        }
        _file ??= new(Path, Count == 0 ? FileMode.Create : FileMode.Append, FileAccess.Write, FileShare.Read);
        using (var json = new Utf8JsonWriter(_file, Readable))
        {
            json.WriteStartObject();
            json.WriteString("file", row.File);
            json.WriteNumber("line", row.Line);
            json.WriteString("reason", row.Reason);
            json.WriteString("content", row.Content);
            json.WriteEndObject();
        }
        _file.WriteByte((byte)'\n');
        _file.Flush();
    }
}
