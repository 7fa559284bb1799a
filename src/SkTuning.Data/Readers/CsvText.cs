namespace SkTuning.Data;

/// <summary>
/// What CsvHelper reads from: the lines of a file with their ends, checked for UTF-8. It gives out one line at a time and bounds a record, so a quote that is
/// never closed cannot pull a whole file into memory.
/// </summary>
internal sealed class CsvText(string path) : TextReader
{
    private readonly Utf8Lines _lines = new(path);
    private string _line = "";
    private int _at, _given;

    /// <summary>The line a record in progress started at, to name it when it has no end.</summary>
    public long RecordStart { get; set; } = 1;

    /// <summary>A record ended: the next may be as long again.</summary>
    public void RecordEnded() => _given = 0;

    public override int Read(char[] buffer, int index, int count) => Read(buffer.AsSpan(index, count));

    public override int Read(Span<char> buffer)
    {
        if (_at == _line.Length)
        {
            if (!_lines.Next()) return 0;
            (_line, _at) = (_lines.Text() + (_lines.HasReturn ? "\r" : "") + (_lines.Ended ? "\n" : ""), 0);
            _given += _line.Length;
            if (_given > Utf8Lines.Longest)
                throw SkTuningException.BadFile(path, $"line {RecordStart}", $"the start of a record of more than {Utf8Lines.Longest >> 20} Mi characters", "shorter records", "Is a quote not closed?");
        }
        var given = Math.Min(buffer.Length, _line.Length - _at);
        _line.AsSpan(_at, given).CopyTo(buffer);
        _at += given;
        return given;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _lines.Dispose();
        base.Dispose(disposing);
    }
}
