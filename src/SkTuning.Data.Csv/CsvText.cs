namespace SkTuning.Data.Csv;

/// <summary>
/// The reader that CsvHelper reads from: the lines of a file with their line endings, checked for UTF-8. It returns one line at a time and limits the
/// length of a record, so that an unclosed quote cannot pull a whole file into memory.
/// </summary>
internal sealed class CsvText(string path, bool holdsAnyText) : TextReader
{
    private readonly Utf8Lines _lines = new(path, holdsAnyText);
    private string _line = "";
    private int _at, _recordLength;

    /// <summary>The first line of the current record, for the error message about a record without an end.</summary>
    public long RecordStart { get; set; } = 1;

    /// <summary>Returns the first line without reading past it; empty for an empty file. To be called before anything is read.</summary>
    public string PeekFirstLine()
    {
        if (_line.Length == 0) Fill();
        return _line.TrimEnd('\r', '\n');
    }

    /// <summary>Restarts the length limit for the next record.</summary>
    public void EndRecord() => _recordLength = 0;

    public override int Read(char[] buffer, int index, int count) => Read(buffer.AsSpan(index, count));

    public override int Read(Span<char> buffer)
    {
        if (_at == _line.Length && !Fill()) return 0;
        var count = Math.Min(buffer.Length, _line.Length - _at);
        _line.AsSpan(_at, count).CopyTo(buffer);
        _at += count;
        return count;
    }

    private bool Fill()
    {
        if (!_lines.Next()) return false;
        (_line, _at) = (_lines.Text() + (_lines.HasReturn ? "\r" : "") + (_lines.Ended ? "\n" : ""), 0);
        _recordLength += _line.Length;
        return _recordLength <= Utf8Lines.MaxLength ? true : throw SkTuningException.BadFile(path, $"line {RecordStart}",
            $"the start of a record of more than {Utf8Lines.MaxLength >> 20} Mi characters", "shorter records", "Is a quote not closed?");
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _lines.Dispose();
        base.Dispose(disposing);
    }
}
