using System.Text.Json;

namespace SkTuning.Data;

/// <summary>One JSON object a line: texts are strings, a label is a string or a number (taken as it is written), several labels an array of them.</summary>
internal sealed class JsonlRowParser(string path, RowFileOptions options, bool labelled) : RowParser(path, options, labelled)
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
        var group = Options.GroupColumn is { } column ? Group(row, column) : null;
        if (!IsLabelled) return Row(text, second, "", group);
        var key = Options.LabelColumn;
        var label = _lines.Get(row, key, nameof(Options.LabelColumn));
        if (label.ValueKind == JsonValueKind.Array) return Row(text, second, _lines.List(label, key), group);
        return Row(text, second, JsonlLines.Written(label) ?? throw Bad($"a row whose '{key}' is {JsonlLines.Kind(label)}", "a string or a number"), group);
    }

    private string Group(JsonElement row, string key)
    {
        var value = _lines.Get(row, key, nameof(Options.GroupColumn));
        return JsonlLines.Written(value) ?? throw Bad($"a row whose '{key}' is {JsonlLines.Kind(value)}", "a string or a number");
    }
}
