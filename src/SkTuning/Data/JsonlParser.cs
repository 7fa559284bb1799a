using System.Text.Json;

namespace SkTuning.Data;

/// <summary>One JSON object a line: text and second text are strings, the label a string or a number (taken as it is written).</summary>
internal sealed class JsonlParser(string path, RowFileOptions options, bool labelled) : RowParser(path)
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    private readonly Utf8Lines _lines = new(path);

    public override long Line => _lines.Number;

    public override string Content => _lines.LossyText();

    public override bool Advance()
    {
        do if (!_lines.Next()) return false; while (_lines.IsBlank);
        return true;
    }

    public override Row Parse()
    {
        var line = _lines.Text();
        try
        {
            using var document = JsonDocument.Parse(line, Strict);
            var row = document.RootElement;
            if (row.ValueKind != JsonValueKind.Object) throw Bad(Kind(row), "an object such as {\"text\": \"...\", \"label\": \"...\"}", "Write one object on each line.");
            return new(Text(row, options.TextColumn, nameof(options.TextColumn)), labelled ? Label(row) : "")
            {
                Text2 = row.TryGetProperty(options.Text2Column, out var second) && second.ValueKind != JsonValueKind.Null
                    ? Text(row, options.Text2Column, nameof(options.Text2Column)) : null,
            };
        }
        catch (JsonException e)
        {
            throw Bad($"no valid JSON ({e.Message.ReplaceLineEndings(" ")})", "one object", "Write one object on each line.", e);
        }
        catch (InvalidOperationException e)
        {
            // The reader checks escapes only when a string is asked for: half a surrogate pair is no text.
            throw Bad("a string with an invalid escape", "Unicode text", cause: e);
        }
    }

    public override void Dispose() => _lines.Dispose();

    private string Text(JsonElement row, string key, string option)
    {
        if (!row.TryGetProperty(key, out var value)) throw Missing(key, option);
        return value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Bad($"a row whose '{key}' is {Kind(value)}", "a string");
    }

    private string Label(JsonElement row)
    {
        var key = options.LabelColumn;
        if (!row.TryGetProperty(key, out var value)) throw Missing(key, nameof(options.LabelColumn));
        return value.ValueKind switch
        {
            JsonValueKind.String => Labelled(value.GetString()!, key),
            JsonValueKind.Number => value.GetRawText(),
            _ => throw Bad($"a row whose '{key}' is {Kind(value)}", "a string or a number"),
        };
    }

    private SkTuningException Missing(string key, string option) => Bad($"a row without '{key}'", "that key in every row", $"Name another with the option {option}.");

    private static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.Null => "null",
        _ => "a boolean",
    };
}
