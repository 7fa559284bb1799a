namespace SkTuning.Data.Parquet;

/// <summary>Words and tags from two list columns of a Parquet file.</summary>
internal sealed class ParquetTokenParser : TokenParser
{
    private readonly ParquetTable _table;
    private readonly ParquetColumn _words, _tags;

    public ParquetTokenParser(string path, TokenRowFileOptions options) : base(path, options)
    {
        _table = new(path);
        try
        {
            _words = _table.Column(options.WordsColumn, options.NameOf(nameof(options.WordsColumn)));
            _tags = _table.Column(options.TagsColumn, options.NameOf(nameof(options.TagsColumn)));
        }
        catch
        {
            _table.Dispose();
            throw;
        }
    }

    public override long Line => _table.Number;

    public override string Content => _table.Json();

    protected override string Place => $"row {Line}";

    public override bool Advance() => _table.Next();

    public override TokenRow Parse() => Row(List(_words, isLabel: false), List(_tags, isLabel: true));

    public override void Dispose() => _table.Dispose();

    private List<string> List(ParquetColumn column, bool isLabel)
    {
        if (!column.IsList) throw Bad($"a row whose '{column.Name}' is a single value", "a list");
        if (column.IsNull || column.Values.Contains(null))
            throw Bad($"a row whose '{column.Name}' {(column.IsNull ? "is null" : "contains null")}", "a list of strings or numbers");
        if (isLabel && column.NotFinite is { } number) throw Bad($"a row whose '{column.Name}' contains {number}", "finite numbers");
        return [.. column.Values.Select(v => v!)];
    }
}
