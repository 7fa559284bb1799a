namespace SkTuning.Data;

/// <summary>What TSV and CSV have in common: columns, named in the first line or taken by order, and as many fields in every row.</summary>
internal abstract class TableRowParser(string path, RowFileOptions options, bool labelled) : RowParser(path, options, labelled)
{
    private Columns? _columns;

    public sealed override bool Advance()
    {
        if (_columns is null && Options.HasHeader)
        {
            if (!Next()) throw SkTuningException.BadFile(Path, null, "an empty file", $"a first line that names the columns ('{Options.TextColumn}'{(IsLabelled ? $", '{Options.LabelColumn}'" : "")})");
            _columns = Columns.Named(Path, Fields(), Options, IsLabelled);
        }
        // Blank lines at the end (or between blocks) hold no row; where the text is the only field a blank line is an empty text.
        do if (!Next()) return false; while (IsBlank && _columns is not { Count: 1 });
        return true;
    }

    public sealed override Row Parse()
    {
        var fields = Fields();
        var columns = _columns ??= Columns.InOrder(Path, fields.Length, IsLabelled);
        if (fields.Length != columns.Count)
            throw Bad(Columns.Fields(fields.Length), $"{columns.Count}, as in the {(Options.HasHeader ? "header" : "first row")}", FieldAdvice);
        return Row(fields[columns.Text], columns.Text2 < 0 ? null : fields[columns.Text2], columns.Label < 0 ? "" : fields[columns.Label], columns.Group < 0 ? null : fields[columns.Group]);
    }

    protected abstract string FieldAdvice { get; }

    /// <summary>Whether the record is a line without a character.</summary>
    protected abstract bool IsBlank { get; }

    /// <summary>Moves to the next record of the file, blank or not.</summary>
    protected abstract bool Next();

    /// <summary>The fields of the record.</summary>
    protected abstract string[] Fields();
}
