namespace SkTuning.Data.Parquet;

/// <summary>Rows of a Parquet file. A text is a string; a label is a string, a number, or a boolean; several labels are a list of them.</summary>
internal sealed class ParquetRowParser : RowParser
{
    private readonly ParquetTable _table;
    private readonly ParquetColumn _text;
    private readonly ParquetColumn? _text2, _label, _group;

    public ParquetRowParser(string path, RowFileOptions options, bool withLabels) : base(path, options, withLabels)
    {
        _table = new(path);
        try
        {
            _text = _table.Column(options.TextColumn, options.NameOf(nameof(options.TextColumn)));
            _text2 = _table.Find(options.Text2Column);
            _label = withLabels ? _table.Column(options.LabelColumn, options.NameOf(nameof(options.LabelColumn))) : null;
            _group = options.GroupColumn is { } group ? _table.Column(group, options.NameOf(nameof(options.GroupColumn))) : null;
        }
        catch
        {
            _table.Dispose();
            throw;
        }
    }

    public override long Line => _table.Number;

    protected override string Place => $"row {Line}";

    public override string Content => _table.Json();

    public override bool Advance() => _table.Next();

    public override Row Parse()
    {
        var (text, second, group) = (Single(_text), _text2 is { IsNull: false } ? Single(_text2) : null, _group is null ? null : Label(_group));
        if (_label is null) return Row(text, second, "", group);
        if (!_label.IsList) return Row(text, second, Label(_label), group);
        if (_label.IsNull || _label.Values.Contains(null))
            throw Bad($"a row whose '{Options.LabelColumn}' {(_label.IsNull ? "is null" : "contains null")}", "a list of labels");
        if (_label.NotFinite is { } number) throw Bad($"a row whose '{_label.Name}' contains {number}", "finite numbers");
        return Row(text, second, _label.Values!, group);
    }

    public override void Dispose() => _table.Dispose();

    private string Label(ParquetColumn column)
        => column.NotFinite is { } number ? throw Bad($"a row whose '{column.Name}' is {number}", "a finite number") : Single(column);

    private string Single(ParquetColumn column)
    {
        if (column.IsList) throw Bad($"a row whose '{column.Name}' is a list", "one value");
        return column.Value ?? throw Bad($"a row whose '{column.Name}' is null", "a value");
    }
}
