namespace SkTuning.Data;

/// <summary>
/// The base class of TSV and CSV parsers: columns named in the first line or identified by position, with the same number of fields in every row.
/// </summary>
internal abstract class TableRowParser(string path, RowFileOptions options, bool withLabels) : RowParser(path, options, withLabels)
{
    private Columns? _columns;

    public sealed override bool Advance()
    {
        if (_columns is null && Options.HasHeader)
        {
            if (!Next())
            {
                var names = WithLabels ? $"'{Options.TextColumn}', '{Options.LabelColumn}'" : $"'{Options.TextColumn}'";
                throw SkTuningException.BadFile(Path, null, "an empty file", $"a first line that names the columns ({names})");
            }
            _columns = Columns.Named(Path, Fields(), Options, WithLabels, HeaderAdvice);
        }
        // A blank line is not a row, unless the text is the only column: then it is an empty text.
        do if (!Next()) return false; while (IsBlank && _columns is not { Count: 1 });
        return true;
    }

    public sealed override Row Parse()
    {
        var fields = Fields();
        var columns = _columns ??= Columns.InOrder(Path, fields.Length, WithLabels);
        if (fields.Length != columns.Count)
            throw Bad(Columns.Fields(fields.Length), $"{columns.Count}, as in the {(Options.HasHeader ? "header" : "first row")}", FieldAdvice);
        return Row(fields[columns.Text], Optional(columns.Text2), Optional(columns.Label) ?? "", Optional(columns.Group));

        string? Optional(int column) => column < 0 ? null : fields[column];
    }

    protected abstract string FieldAdvice { get; }

    /// <summary>Advice for a header without a column that is read.</summary>
    protected virtual string? HeaderAdvice => null;

    /// <summary>Whether the record is an empty line.</summary>
    protected abstract bool IsBlank { get; }

    /// <summary>Moves to the next record of the file, blank or not.</summary>
    protected abstract bool Next();

    /// <summary>The fields of the record.</summary>
    protected abstract string[] Fields();
}
