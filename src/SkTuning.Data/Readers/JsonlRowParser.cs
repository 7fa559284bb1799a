using System.Text.Json;

namespace SkTuning.Data;

/// <summary>One JSON object per line. A text is a string; a label is a string or a number (kept as written); several labels are an array.</summary>
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
        var text = _lines.Text(row, Options.TextColumn, nameof(Options.TextColumn));
        var second = _lines.OptionalText(row, Options.Text2Column, nameof(Options.Text2Column));
        var group = Options.GroupColumn is { } column ? Written(_lines.Get(row, column, nameof(Options.GroupColumn)), column) : null;
        if (!WithLabels) return Row(text, second, "", group);
        var key = Options.LabelColumn;
        var label = _lines.Get(row, key, nameof(Options.LabelColumn));
        if (label.ValueKind == JsonValueKind.Array) return Row(text, second, _lines.List(label, key), group);
        return Row(text, second, Written(label, key), group);
    }

    private string Written(JsonElement value, string key)
        => JsonlLines.Written(value) ?? throw Bad($"a row whose '{key}' is {JsonlLines.Kind(value)}", "a string or a number");
}
