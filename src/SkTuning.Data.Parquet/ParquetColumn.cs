using System.Globalization;
using System.Text;
using Parquet.Data;
using Parquet.Schema;

namespace SkTuning.Data.Parquet;

/// <summary>
/// A column of a Parquet file: the values of one row group, divided into rows by their levels. A repetition level of 0 starts a row. The maximum
/// definition level marks a value, a lower one a null, an empty list, or a missing element (Dremel's encoding, as in the format's specification).
/// </summary>
internal sealed class ParquetColumn(string name, DataField field, bool isList, bool hasNullLists)
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly List<string?> _row = [];
    private string[] _values = [];
    private int[] _defined = [], _repeated = [];
    private int _entry, _value, _entries;

    public string Name { get; } = name;

    public DataField Field { get; } = field;

    /// <summary>Whether a row holds a list of values.</summary>
    public bool IsList { get; } = isList;

    /// <summary>Whether the row's value, or its whole list, is null.</summary>
    public bool IsNull { get; private set; }

    /// <summary>The values of the row; a missing one is null. A number is its <see cref="NumberName"/>, or NaN or Infinity.</summary>
    public IReadOnlyList<string?> Values => _row;

    /// <summary>The value, if the row has exactly one.</summary>
    public string? Value => Values is [var value] ? value : null;

    /// <summary>The value of the row that is a number but not a finite one; null if there is none. Such a number is no label.</summary>
    public string? NotFinite
        => Field.ClrType == typeof(float) || Field.ClrType == typeof(double) ? _row.Find(v => v is "NaN" or "Infinity" or "-Infinity") : null;

    public static bool CanRead(Type type)
        => type == typeof(ReadOnlyMemory<char>) || type == typeof(ReadOnlyMemory<byte>) || type == typeof(bool) || type == typeof(decimal)
            || type.IsPrimitive && type != typeof(char) && type != typeof(nint) && type != typeof(nuint);

    /// <summary>Loads the values of a row group; false if their number of rows differs from <paramref name="rows"/>.</summary>
    public bool Load(RawColumnData data, long rows)
    {
        _defined = Field.MaxDefinitionLevel > 0 ? data.DefinitionLevels.ToArray() : [];
        _repeated = Field.MaxRepetitionLevel > 0 ? data.RepetitionLevels.ToArray() : [];
        // After the present values, the reader's buffer contains leftovers.
        _values = Texts(data, _defined.Length > 0 ? _defined.Count(d => d == Field.MaxDefinitionLevel) : int.MaxValue);
        (_entry, _value) = (0, 0);
        _entries = _repeated.Length > 0 ? _repeated.Length : _defined.Length > 0 ? _defined.Length : _values.Length;
        var found = _repeated.Length > 0 ? _repeated.Count(r => r == 0) : _entries;
        return found == rows && (_defined.Length == 0 || _defined.Length == _entries) && (_repeated.Length == 0 || _repeated[0] == 0);
    }

    /// <summary>Moves to the next row.</summary>
    public void Next()
    {
        _row.Clear();
        IsNull = false;
        do
        {
            var level = _defined.Length > 0 ? _defined[_entry] : Field.MaxDefinitionLevel;
            if (level == Field.MaxDefinitionLevel) _row.Add(_values[_value++]);
            else if (!IsList || hasNullLists && level == 0) IsNull = true;
            else if (level == Field.MaxDefinitionLevel - 1 && Field is { IsNullable: true, IsArray: false }) _row.Add(null);   // a lower level: an empty list
            _entry++;
        }
        while (_entry < _entries && _repeated.Length > 0 && _repeated[_entry] != 0);
    }

    private static string[] Texts(RawColumnData data, int count) => data switch
    {
        RawColumnData<ReadOnlyMemory<char>> texts => Of(texts, count, t => t.ToString()),
        RawColumnData<ReadOnlyMemory<byte>> bytes => Of(bytes, count, b => Strict.GetString(b.Span)),
        RawColumnData<bool> flags => Of(flags, count, f => f ? "true" : "false"),
        RawColumnData<sbyte> n => Numbers(n, count),
        RawColumnData<byte> n => Numbers(n, count),
        RawColumnData<short> n => Numbers(n, count),
        RawColumnData<ushort> n => Numbers(n, count),
        RawColumnData<int> n => Numbers(n, count),
        RawColumnData<uint> n => Numbers(n, count),
        RawColumnData<long> n => Numbers(n, count),
        RawColumnData<ulong> n => Numbers(n, count),
        RawColumnData<float> n => Numbers(n, count),
        RawColumnData<double> n => Numbers(n, count),
        RawColumnData<decimal> n => Numbers(n, count),
        _ => throw new NotSupportedException(data.GetType().ToString()),
    };

    private static string[] Numbers<T>(RawColumnData<T> data, int count) where T : struct, IFormattable
        => Of(data, count, n => n.ToString(null, CultureInfo.InvariantCulture) is var written ? NumberName.Of(written) ?? written : "");

    private static string[] Of<T>(RawColumnData<T> data, int count, Func<T, string> text) where T : struct
    {
        var values = count == int.MaxValue ? data.Values : data.Values[..count];
        var texts = new string[values.Length];
        for (var i = 0; i < texts.Length; i++) texts[i] = text(values[i]);
        return texts;
    }
}
