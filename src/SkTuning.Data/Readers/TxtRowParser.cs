namespace SkTuning.Data;

/// <summary>One text per line.</summary>
internal sealed class TxtRowParser(string path, Utf8Lines lines) : RecordParser<Row>(path)
{
    private readonly Utf8Lines _lines = lines;

    public override long Line => _lines.Number;

    public override string Content => _lines.LossyText();

    public override bool Advance() => _lines.Next();

    public override Row Parse() => new(_lines.Text(), "") { Line = Line };

    public override void Dispose() => _lines.Dispose();
}
