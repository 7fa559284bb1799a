using System.Text.Json;

namespace SkTuning.Data;

/// <summary>One JSON object a line: {"tokens": [...], "tags": [...]}, or {"text": "...", "spans": [{"start": 0, "end": 5, "label": "..."}]}.</summary>
internal sealed class JsonlTokenParser(string path, TokenRowOptions options) : TokenParser(path, options)
{
    private readonly JsonlLines _lines = new(path);

    public override long Line => _lines.Number;

    public override string Content => _lines.Content;

    public override bool Advance() => _lines.Next();

    public override TokenRow Parse() => _lines.Read("{\"tokens\": [...], \"tags\": [...]}", Read);

    public override void Dispose() => _lines.Dispose();

    private TokenRow Read(JsonElement row)
    {
        if (row.TryGetProperty(Options.WordsColumn, out var words))
            return Row(_lines.List(words, Options.WordsColumn), _lines.List(_lines.Get(row, Options.TagsColumn, nameof(Options.TagsColumn)), Options.TagsColumn));
        if (!row.TryGetProperty(Options.TextColumn, out _)) throw Bad($"a row without '{Options.WordsColumn}' and '{Options.TextColumn}'", "words with tags, or a text with spans");
        var text = _lines.Text(row, Options.TextColumn, nameof(Options.TextColumn));
        var spans = _lines.Get(row, Options.SpansColumn, nameof(Options.SpansColumn));
        if (spans.ValueKind != JsonValueKind.Array) throw Bad($"a row whose '{Options.SpansColumn}' is {JsonlLines.Kind(spans)}", "an array");
        try { return TokenRow.FromSpans(text, spans.EnumerateArray().Select(s => Span(s, text)).ToList()) with { Line = Line }; }
        catch (SkTuningException e) when ((e as SkTuningFileException)?.File is null) { throw Bad($"no row of words ({e.Message})", "labelled spans of a text", cause: e); }
    }

    private CharSpan Span(JsonElement span, string text)
    {
        if (span.ValueKind != JsonValueKind.Object) throw Bad($"a row whose '{Options.SpansColumn}' holds {JsonlLines.Kind(span)}", "objects such as {\"start\": 0, \"end\": 5, \"label\": \"PER\"}");
        return new(Place("start"), Place("end"), Named(JsonlLines.Written(_lines.Get(span, "label", nameof(Options.SpansColumn))) ?? throw Bad("a row with a span whose 'label' is no string", "a string")));

        int Place(string key)
        {
            var value = _lines.Get(span, key, nameof(Options.SpansColumn));
            if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt32(out var at)) throw Bad($"a row with a span whose '{key}' is {(value.ValueKind == JsonValueKind.Number ? value.GetRawText() : JsonlLines.Kind(value))}", "a whole number");
            return Options.OffsetsInCodePoints ? Units(text, at) : at;
        }
    }

    /// <summary>Code points to UTF-16 units; a place behind the text stays behind it, and is refused as such.</summary>
    private static int Units(string text, int points)
    {
        if (points < 0) return points;
        var at = 0;
        for (; points > 0 && at < text.Length; points--) at += at + 1 < text.Length && char.IsSurrogatePair(text[at], text[at + 1]) ? 2 : 1;
        return at + points;
    }
}
