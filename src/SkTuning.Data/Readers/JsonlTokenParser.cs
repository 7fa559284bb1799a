using System.Text.Json;

namespace SkTuning.Data;

/// <summary>One JSON object per line: {"tokens": [...], "tags": [...]}, or {"text": "...", "spans": [{"start": 0, "end": 5, "label": "..."}]}.</summary>
internal sealed class JsonlTokenParser(string path, TokenRowFileOptions options) : TokenParser(path, options)
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
        {
            var tags = _lines.Get(row, Options.TagsColumn, Options.NameOf(nameof(Options.TagsColumn)));
            return Row(_lines.Words(words, Options.WordsColumn), _lines.Labels(tags, Options.TagsColumn));
        }
        if (!row.TryGetProperty(Options.TextColumn, out _))
            throw Bad($"a row without '{Options.WordsColumn}' and '{Options.TextColumn}'", "words with tags, or a text with spans");
        var text = _lines.Text(row, Options.TextColumn, Options.NameOf(nameof(Options.TextColumn)));
        var spans = _lines.Get(row, Options.SpansColumn, Options.NameOf(nameof(Options.SpansColumn)));
        if (spans.ValueKind != JsonValueKind.Array) throw Bad($"a row whose '{Options.SpansColumn}' is {JsonlLines.Kind(spans)}", "an array");
        try { return TokenRow.FromSpans(text, spans.EnumerateArray().Select(s => Span(s, text)).ToList()) with { Line = Line }; }
        catch (SkTuningException e) when (e is not SkTuningFileException)
        {
            throw Bad($"a row that cannot be tagged ({e.Message})", "labeled spans of a text", cause: e);
        }
    }

    private CharSpan Span(JsonElement span, string text)
    {
        if (span.ValueKind != JsonValueKind.Object)
            throw Bad($"a row whose '{Options.SpansColumn}' contains {JsonlLines.Kind(span)}",
                "objects such as {\"start\": 0, \"end\": 5, \"label\": \"PER\"}");
        var label = _lines.Label(_lines.Get(span, "label", null), "label");
        return new(Index("start"), Index("end"), Named(label));

        int Index(string key)
        {
            var value = _lines.Get(span, key, null);
            var isNumber = value.ValueKind == JsonValueKind.Number;
            if (!isNumber || !value.TryGetInt32(out var at))
                throw Bad($"a row with a span whose '{key}' is {(isNumber ? value.GetRawText() : JsonlLines.Kind(value))}", "a whole number");
            return Options.OffsetsInCodePoints ? CodeUnits(text, at) : at;
        }
    }

    /// <summary>Converts code points to UTF-16 code units. An index after the end of the text stays there, and is rejected later.</summary>
    private static int CodeUnits(string text, int points)
    {
        if (points < 0) return points;
        var at = 0;
        for (; points > 0 && at < text.Length; points--) at += at + 1 < text.Length && char.IsSurrogatePair(text[at], text[at + 1]) ? 2 : 1;
        return at + points;
    }
}
