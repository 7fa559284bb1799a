namespace SkTuning.Data;

/// <summary>
/// One sequence of units per line, as programs that turn speech into units write it: the name of the recording, its units and its label, separated by <c>|</c>
/// or tabs, without a header.
/// </summary>
internal sealed class UnitRowParser : RowParser
{
    /// <summary>The name of the first column, which <see cref="RowFileOptions.GroupColumn"/> may ask for.</summary>
    private const string FileColumn = "file";

    private const int AllFields = 3;

    private readonly Utf8Lines _lines;

    public UnitRowParser(string path, RowFileOptions options, bool withLabels) : base(path, options, withLabels)
    {
        if (options.GroupColumn is { } group and not FileColumn)
        {
            throw SkTuningException.BadFile(path, null, $"the option {options.NameOf(nameof(options.GroupColumn))} with the column '{group}'",
                $"'{FileColumn}', the name of the recording, in a file of units");
        }
        _lines = new(path);
    }

    public override long Line => _lines.Number;

    public override string Content => _lines.LossyText();

    public override bool Advance()
    {
        do if (!_lines.Next()) return false; while (_lines.IsBlank);
        return true;
    }

    public override Row Parse()
    {
        var line = _lines.Text();
        var fields = line.Split(line.Contains('|', StringComparison.Ordinal) ? '|' : '\t', StringSplitOptions.TrimEntries);
        if (WithLabels ? fields.Length != AllFields : fields.Length > AllFields)
        {
            throw Bad(Columns.Fields(fields.Length), WithLabels ? "3 (file, units, label)" : "1 (units), 2 (file, units) or 3 (file, units, label)",
                "Fields are separated by | or, in a line without |, by single tabs.");
        }
        var units = UnitText.Read(fields[fields.Length == 1 ? 0 : 1], (found, expected) => Bad($"a row whose {found}", expected));
        return Row(string.Join(' ', Options.CollapseRepeats ? UnitText.Collapsed(units) : units), null, WithLabels ? fields[2] : "",
            Options.GroupColumn is not null && fields.Length > 1 ? fields[0] : null);
    }

    public override void Dispose() => _lines.Dispose();
}
