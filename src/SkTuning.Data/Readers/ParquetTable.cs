using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Parquet;
using Parquet.Schema;

namespace SkTuning.Data;

/// <summary>
/// The rows of a Parquet file, one row group in memory at a time and of it only the columns asked for. Parquet.Net does the reading; it is asynchronous and waited for
/// here, as a file is always ready.
/// </summary>
internal sealed class ParquetTable : IDisposable
{
    private readonly string _path;
    private readonly FileStream _stream;
    private readonly ParquetReader _reader;
    private readonly IReadOnlyList<Field> _fields;
    private readonly Dictionary<string, ParquetColumn> _columns = new(StringComparer.Ordinal);
    private int _group;
    private long _left;

    public ParquetTable(string path)
    {
        _path = path;
        _stream = FileAccessErrors.Explain(path, () => new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read));
        try
        {
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

    /// <summary>Asks for a column by its name.</summary>
    /// <exception cref="SkTuningException">It is not there, or holds what is neither a value nor a list of values.</exception>
    public ParquetColumn Column(string name, string option) => Find(name)
        ?? throw SkTuningException.BadFile(_path, null, $"the columns {Columns.Listed(_fields.Select(f => f.Name).ToList())}", $"a column '{name}'", $"Name the column with the option {option}.");

    /// <summary>As <see cref="Column"/>; null where the file has none of the name.</summary>
    public ParquetColumn? Find(string name)
    {
        if (_columns.TryGetValue(name, out var known)) return known;
        var field = _fields.FirstOrDefault(f => f.Name == name);
        if (field is null) return null;
        var values = field switch { DataField plain => plain, ListField { Item: DataField item } => item, _ => null };
        if (values is null || !ParquetColumn.CanRead(values.ClrType))
            throw SkTuningException.BadFile(_path, name, $"a column of {values?.ClrType.Name ?? field.SchemaType.ToString()}", "one of strings or numbers, or lists of them");
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
                using var data = Wait(() => group.ReadRawColumnDataBaseAsync(column.Field).AsTask());
                if (!Wait(() => Task.FromResult(column.Load(data, _left)))) throw Damaged($"column '{column.Field.Path}' holds another number of rows than row group {_group}");
            }
        }
        foreach (var column in _columns.Values) column.Next();
        Number++;
        _left--;
        return true;
    }

    /// <summary>The row as JSON, for a report: a Parquet file has no text of its own to show.</summary>
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
                else if (column.IsList) { json.WriteStartArray(); foreach (var value in column.Values) json.WriteStringValue(value); json.WriteEndArray(); }
                else json.WriteStringValue(column.Value);
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

    /// <summary>A damaged file makes the reader fail in any way: whatever it is, the file is named.</summary>
    private T Wait<T>(Func<Task<T>> read)
    {
        try { return Task.Run(read).GetAwaiter().GetResult(); }
        catch (Exception e) when (e is not SkTuningException) { throw Damaged($"{e.GetType().Name}: {e.Message}", e); }
    }

    private SkTuningException Damaged(string what, Exception? cause = null)
        => SkTuningException.BadFile(_path, null, $"what cannot be read as Parquet ({what.ReplaceLineEndings(" ").TrimEnd('.')})", "a Parquet file", "Is it whole, and not encrypted?", cause);
}
