namespace SkTuning.Data;

/// <summary>Fields between tabs, one row a line; quotes are plain characters.</summary>
internal sealed class TsvRowParser(string path, RowFileOptions options, bool labelled) : TableRowParser(path, options, labelled)
{
    private readonly Utf8Lines _lines = new(path);

    public override long Line => _lines.Number;

    public override string Content => _lines.LossyText();

    public override void Dispose() => _lines.Dispose();

    protected override string FieldAdvice => "Fields are separated by single tabs and may not hold one.";

    protected override bool IsBlank => _lines.IsBlank;

    protected override bool Next() => _lines.Next();

    protected override string[] Fields() => _lines.Text().Split('\t');
}
