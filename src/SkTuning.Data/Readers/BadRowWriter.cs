using System.Text.Encodings.Web;
using System.Text.Json;

namespace SkTuning;

/// <summary>
/// Counts rows that could not be read and writes them to a file, one JSON object a line: <c>file</c>, <c>line</c>, <c>reason</c>, <c>content</c>. The file is made at
/// the first of them; a <c>.bad.jsonl</c> from an earlier run is emptied where there is none. Use: <c>new RowFileOptions { OnBadRow = writer.Add }</c>.
/// </summary>
/// <param name="path">The file to write; it may be none that rows are read from.</param>
public sealed class BadRowWriter(string path) : IDisposable
{
    private const string Suffix = ".bad.jsonl";

    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private FileStream? _file;

    /// <summary>The file it writes to.</summary>
    public string Path { get; } = path;

    /// <summary>How many rows it was given.</summary>
    public long Count { get; private set; }

    /// <summary>The usual name: <c>rows.tsv.bad.jsonl</c> beside <c>rows.tsv</c>.</summary>
    public static string NameFor(string rowFile) => rowFile + Suffix;

    /// <summary>Writes one.</summary>
    /// <exception cref="SkTuningException">The file cannot be written, or is the one the row is from.</exception>
    public void Add(BadRow row)
    {
        if (System.IO.Path.GetFullPath(row.File) == System.IO.Path.GetFullPath(Path))
            throw new SkTuningException($"{Path}: rows are read from it, expected another file to write bad rows to. Choose another name.");
        FileAccessErrors.Explain(Path, () => Write(row));
        Count++;
    }

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        // Of another name it could be anything.
        if (_file is null && Count == 0 && Path.EndsWith(Suffix, StringComparison.Ordinal) && File.Exists(Path)) FileAccessErrors.Explain(Path, () => File.Create(Path).Dispose());
        _file?.Dispose();
        _file = null;
    }

    private void Write(BadRow row)
    {
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
