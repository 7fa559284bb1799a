using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;

namespace SkTuning.Data.Csv;

/// <summary>
/// Fields separated by commas, or by another character, as defined by RFC 4180: quoted fields, doubled quotes, line breaks within quotes. CsvHelper does the
/// parsing.
/// </summary>
internal sealed class CsvRowParser : TableRowParser
{
    private readonly CsvText _text;
    private readonly CsvParser _csv;
    private readonly char _separator;
    private long _line = 1;
    private bool _misquoted;

    public CsvRowParser(string path, RowFileOptions options, bool withLabels) : base(path, options, withLabels)
    {
        _text = new(path, holdsAnyText: !options.HasHeader);
        try { _separator = options.FieldSeparator ?? CsvSeparator.Find(_text.PeekFirstLine(), options, withLabels); }
        catch
        {
            _text.Dispose();
            throw;
        }
        _csv = new(_text, new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            Delimiter = _separator.ToString(),
            HasHeaderRecord = false,
            IgnoreBlankLines = false,
            BadDataFound = _ => _misquoted = true,   // an exception from here would keep the parser from reaching the next record
        });
    }

    public override long Line => _line;

    public override string Content => _csv.RawRecord.TrimEnd('\r', '\n');

    public override void Dispose() => _csv.Dispose();

    protected override string FieldAdvice => $"Quote every field that contains {CsvSeparator.Name(_separator)}, a quote, or a line break.";

    protected override string? HeaderAdvice => Options.NameOf(nameof(Options.FieldSeparator)) is not { } option ? null
        : $" Fields are separated by {CsvSeparator.Name(_separator)}: name another separator with the option {option}.";

    protected override bool IsBlank => _csv.RawRecord.AsSpan().Trim("\r\n").IsEmpty;

    protected override bool Next()
    {
        _line = _text.RecordStart = _csv.RawRow + 1;
        _text.EndRecord();
        return _csv.Read();
    }

    protected override string[] Fields()
    {
        _misquoted = false;
        var fields = _csv.Record ?? [];
        return !_misquoted ? fields : throw Bad("a row with a misplaced quote", "quotes around whole fields, and doubled quotes within them");
    }
}
