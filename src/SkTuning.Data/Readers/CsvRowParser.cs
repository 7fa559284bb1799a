using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;

namespace SkTuning.Data;

/// <summary>Comma-separated rows as RFC 4180 has them: quotes, doubled quotes, line ends inside of quotes. CsvHelper does the reading.</summary>
internal sealed class CsvRowParser : TableRowParser
{
    private readonly CsvText _text;
    private readonly CsvParser _csv;
    private long _line = 1;
    private bool _misquoted;

    public CsvRowParser(string path, RowFileOptions options, bool labelled) : base(path, options, labelled)
    {
        _text = new(path);
        _csv = new(_text, new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            HasHeaderRecord = false,
            IgnoreBlankLines = false,
            BadDataFound = _ => _misquoted = true,   // thrown from here, the parser could not go on to the next record
        });
    }

    public override long Line => _line;

    public override string Content => _csv.RawRecord.TrimEnd('\r', '\n');

    public override void Dispose() => _csv.Dispose();

    protected override string FieldAdvice => "A field that holds a comma, a quote or a line end is written in quotes.";

    protected override bool IsBlank => _csv.RawRecord.AsSpan().Trim("\r\n").IsEmpty;

    protected override bool Next()
    {
        _line = _text.RecordStart = _csv.RawRow + 1;
        _text.RecordEnded();
        return _csv.Read();
    }

    protected override string[] Fields()
    {
        _misquoted = false;
        var fields = _csv.Record ?? [];
        return !_misquoted ? fields : throw Bad("a row with a quote in the wrong place", "fields that are quoted as a whole, quotes in them doubled");
    }
}
