using System.Text.Json;

namespace SkTuning.Data;

/// <summary>One JSON object per line. A text is a string; a label is a string, a number, or a boolean; several labels are an array.</summary>
internal sealed class JsonlRowParser(string path, RowFileOptions options, bool withLabels) : RowParser(path, options, withLabels)
{
    private readonly JsonlLines _lines = new(path);

    public override long Line => _lines.Number;

    public override string Content => _lines.Content;

    public override bool Advance() => _lines.Next();

    public override Row Parse() => _lines.Read("{\"text\": \"...\", \"label\": \"...\"}", Read);

    public override void Dispose() => _lines.Dispose();

    private Row Read(JsonElement row)
    {
        var text = _lines.Text(row, Options.TextColumn, Options.NameOf(nameof(Options.TextColumn)));
        var second = _lines.OptionalText(row, Options.Text2Column, Options.NameOf(nameof(Options.Text2Column)));
        var group = Options.GroupColumn is { } column
            ? _lines.Label(_lines.Get(row, column, Options.NameOf(nameof(Options.GroupColumn))), column) : null;
        if (!WithLabels) return Row(text, second, "", group);
        var key = Options.LabelColumn;
        var label = _lines.Get(row, key, Options.NameOf(nameof(Options.LabelColumn)));
        if (label.ValueKind == JsonValueKind.Array) return Row(text, second, _lines.Labels(label, key), group);
        return Row(text, second, _lines.Label(label, key), group);
    }
}
