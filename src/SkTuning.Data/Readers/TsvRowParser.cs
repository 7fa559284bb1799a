namespace SkTuning.Data;

/// <summary>Fields separated by tabs, one row per line. Quotes have no special meaning.</summary>
internal sealed class TsvRowParser(string path, RowFileOptions options, bool withLabels) : TableRowParser(path, options, withLabels)
{
    private readonly Utf8Lines _lines = new(path, holdsAnyText: !options.HasHeader);

    public override long Line => _lines.Number;

    public override string Content => _lines.LossyText();

    public override void Dispose() => _lines.Dispose();

    protected override string FieldAdvice => "Fields are separated by single tabs and cannot contain tabs.";

    protected override bool IsBlank => _lines.IsBlank;

    protected override bool Next() => _lines.Next();

    protected override string[] Fields() => _lines.Text().Split('\t');
}
