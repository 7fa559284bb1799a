using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Parquet;
using Parquet.Schema;

namespace SkTuning.Data.Parquet;

/// <summary>
/// The rows of a Parquet file. Only the requested columns of one row group are in memory at a time. Parquet.Net does the reading; its asynchronous calls
/// are waited for here, because a local file is always ready.
/// </summary>
internal sealed class ParquetTable : IDisposable
{
    private readonly string _path;
    private readonly FileStream _stream;
    private readonly ParquetFooter _footer;
    private readonly ParquetReader _reader;
    private readonly IReadOnlyList<Field> _fields;
    private readonly Dictionary<string, ParquetColumn> _columns = new(StringComparer.Ordinal);
    private int _group;
    private long _left;

    public ParquetTable(string path)
    {
        _path = path;
        _stream = InputFile.Open(path, share: FileShare.Read);
        try
        {
            RefuseSubstitute();
            _footer = Checked(() => ParquetFooter.Read(_stream));
            _reader = Wait(() => ParquetReader.CreateAsync(_stream, leaveStreamOpen: true));
            _fields = Wait(() => Task.FromResult(_reader.Schema.Fields));
        }
        catch
        {
            _stream.Dispose();
            throw;
        }
    }

    /// <summary>The number of the row, from 1.</summary>
    public long Number { get; private set; }

    /// <summary>Requests a column by name.</summary>
    /// <exception cref="SkTuningException">The column is missing, or contains neither values nor lists of values.</exception>
    public ParquetColumn Column(string name, string? option) => Find(name)
        ?? throw SkTuningException.BadFile(_path, null, $"the columns {Columns.Listed(_fields.Select(f => f.Name).ToList())}", $"a column '{name}'",
            option is null ? null : $"Name the column with the option {option}.");

    /// <summary>Requests a column by name, as <see cref="Column"/> does; null if the file has no such column.</summary>
    public ParquetColumn? Find(string name)
    {
        if (_columns.TryGetValue(name, out var known)) return known;
        var field = _fields.FirstOrDefault(f => f.Name == name);
        if (field is null) return null;
        var values = field switch { DataField plain => plain, ListField { Item: DataField item } => item, _ => null };
        if (values is null || !ParquetColumn.CanRead(values.ClrType))
            throw SkTuningException.BadFile(
                _path, name, $"a column of type {values?.ClrType.Name ?? field.SchemaType.ToString()}", "strings or numbers, or lists of them");
        return _columns[name] = new(name, values, isList: values.MaxRepetitionLevel > 0, hasNullLists: field is ListField { IsNullable: true });
    }

    /// <summary>Moves to the next row; false at the end.</summary>
    public bool Next()
    {
        while (_left == 0)
        {
            if (_group == _reader.RowGroupCount) return false;
            using var group = Wait(() => Task.FromResult(_reader.OpenRowGroupReader(_group++)));
            _left = group.RowCount;
            if (_left == 0) continue;
            foreach (var column in _columns.Values)
            {
                var path = column.Field.Path.ToString();
                var chunk = _footer.Groups[_group - 1].Chunks.First(c => string.Join('/', c.Path) == path);
                Checked(() => ParquetPages.Check(_stream, chunk, _left, hasOneValuePerRow: !column.IsList));
                using var data = Wait(() => group.ReadRawColumnDataBaseAsync(column.Field).AsTask());
                if (!Wait(() => Task.FromResult(column.Load(data, _left))))
                    throw Damaged($"the number of rows in column '{column.Field.Path}' differs from that of row group {_group}");
            }
        }
        foreach (var column in _columns.Values) column.Next();
        Number++;
        _left--;
        return true;
    }

    /// <summary>The row as JSON, for a report: the binary row has no text to show.</summary>
    public string Json()
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            foreach (var column in _columns.Values.OrderBy(c => c.Name, StringComparer.Ordinal))
            {
                json.WritePropertyName(column.Name);
                if (column.IsNull) json.WriteNullValue();
                else if (!column.IsList) json.WriteStringValue(column.Value);
                else
                {
                    json.WriteStartArray();
                    foreach (var value in column.Values) json.WriteStringValue(value);
                    json.WriteEndArray();
                }
            }
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    public void Dispose()
    {
        _reader.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _stream.Dispose();
    }

    private void RefuseSubstitute()
    {
        var start = new byte[(int)Math.Min(1024, _stream.Length)];
        ParquetFooter.ReadAt(_stream, 0, start);
        InputFile.RefuseSubstitute(_path, start);
    }

    private T Checked<T>(Func<T> check)
    {
        try { return check(); }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException) { throw Damaged(e.Message, e); }
    }

    private void Checked(Action check) => Checked(() =>
    {
        check();
        return true;
    });

    /// <summary>A damaged file can make the reader throw any exception: the message always names the file.</summary>
    private T Wait<T>(Func<Task<T>> read)
    {
        try { return Task.Run(read).GetAwaiter().GetResult(); }
        catch (Exception e) when (e is not SkTuningException) { throw Damaged($"{e.GetType().Name}: {e.Message}", e); }
    }

    private SkTuningException Damaged(string what, Exception? cause = null) => SkTuningException.BadFile(
        _path, null, $"content that cannot be read as Parquet ({what.ReplaceLineEndings(" ").TrimEnd('.')})", "a Parquet file",
        "Check that the file is complete and not encrypted.", cause);
}
