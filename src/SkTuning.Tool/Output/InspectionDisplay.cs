using System.Globalization;
using System.Text.Json.Nodes;
using SkTuning.Data;
using SkTuning.Diagnostics;
using Spectre.Console;

namespace SkTuning.Tool.Output;

/// <summary>Shows the result of a data inspection: tables and bars as text, everything as JSON.</summary>
/// <param name="found">The result of the inspection.</param>
/// <param name="bad">The rows that could not be read, from all files.</param>
/// <param name="scores">The rows' labels as numbers, for regression; null otherwise.</param>
internal sealed class InspectionDisplay(DataInspection found, IReadOnlyList<BadRow> bad, IReadOnlyList<double>? scores)
{
    /// <summary>The number of tokens per character from which the tokenizer does not know the language: English needs about 0.25, Japanese about 0.7.</summary>
    private const double ManyTokens = 1.2;

    private const int Bars = 30, Bins = 10, Listed = 10, BarWidth = 40;

    public void Show()
    {
        Screen.Table(["Property", "Value"], Facts());
        if (scores is { Count: > 0 }) ShowBars("Scores", Histogram());
        else if (found.Labels.Count > 0)
        {
            ShowBars("Label", found.Labels.Take(Bars));
            if (found.Labels.Count > Bars) Screen.Line($"... and {Count(found.Labels.Count - Bars, "more label")}");
        }
        var (tokens, variants) = (found.Tokens!, found.LabelVariants);
        if (tokens.UnknownWords.Count > 0)
            Screen.Line($"Unknown to the tokenizer: {string.Join(", ", tokens.UnknownWords.Select(w => $"{w.Name} ({w.Count})"))}");
        if (tokens.TokensPerCharacter >= ManyTokens)
        {
            Screen.Line(FormattableString.Invariant($"Hint: the model splits these texts into {tokens.TokensPerCharacter:F1} tokens per character, so it was ")
                + "probably not trained on their language. Choose a model that was, such as a multilingual one (--model).");
        }
        // A line number without a file name refers to the inspected file.
        Groups($"LEAKS: {Count(found.Duplicates.LeakedRows(found.Name), "row")} of {found.Name} also in other splits", found.Duplicates.Leaks);
        Groups("CONFLICTING LABELS: same text, different labels", found.Duplicates.Conflicts);
        Groups($"DUPLICATES within {found.Name}", [.. found.Duplicates.Repeated.Where(g => g.Places.Count(p => p.Part == found.Name) > 1)]);
        List("LABELS THAT DIFFER ONLY IN CASE, WHITE SPACE, OR UNICODE FORM", variants.Select(LabelNames.Shown), variants.Count);
        List("LABELS WITH ONE ROW", Rare.Select(l => l.Name), Rare.Count);
        List($"EMPTY TEXTS: {Count(found.EmptyTexts.Count, "row")}", found.EmptyTexts.Select(Named), found.EmptyTexts.Count);
        List($"BAD ROWS: {Count(bad.Count, "row")} that cannot be read", bad.Select(b => b.Reason), bad.Count);
    }

    public JsonObject Json()
    {
        var (tokens, duplicates) = (found.Tokens!, found.Duplicates);
        var json = new JsonObject
        {
            ["file"] = found.Name,
            ["rows"] = found.Rows,
            ["pairs"] = found.Pairs,
            ["rowsWithSeveralLabels"] = found.RowsWithSeveralLabels,
            ["rowsWithoutLabel"] = found.RowsWithoutLabel,
            ["labels"] = Counts(found.Labels, "label", "rows"),
            ["labelVariants"] = new JsonArray([.. found.LabelVariants.Select(g => (JsonNode)new JsonArray([.. g.Select(l => (JsonNode)l)]))]),
            ["labelsWithOneRow"] = new JsonArray([.. Rare.Select(l => (JsonNode)l.Name)]),
            ["tokens"] = new JsonObject
            {
                ["perCharacter"] = tokens.TokensPerCharacter,
                ["min"] = tokens.Min,
                ["median"] = tokens.Median,
                ["p95"] = tokens.Percentile95,
                ["max"] = tokens.Max,
                ["total"] = tokens.TotalTokens,
                ["maxTokens"] = tokens.MaxTokens,
                ["cutRows"] = tokens.TruncatedRows,
                ["unknownTokens"] = tokens.UnknownTokens,
                ["rowsWithUnknown"] = tokens.RowsWithUnknown,
                ["unknownWords"] = Counts(tokens.UnknownWords, "text", "times"),
            },
            ["emptyTexts"] = new JsonArray([.. found.EmptyTexts.Select(Place)]),
            ["duplicateRows"] = duplicates.RepeatedRows(found.Name),
            ["duplicates"] = new JsonArray([.. duplicates.Repeated.Select(Group)]),
            ["conflicts"] = new JsonArray([.. duplicates.Conflicts.Select(Group)]),
            ["against"] = new JsonArray([.. found.Against.Select(a => (JsonNode)new JsonObject
            {
                ["file"] = a.Name,
                ["rows"] = a.Count,
                ["leakedRows"] = duplicates.LeakedRows(a.Name),
            })]),
            ["leakedRows"] = duplicates.LeakedRows(found.Name),
            ["leaks"] = new JsonArray([.. duplicates.Leaks.Select(Group)]),
            ["badRows"] = new JsonArray([.. bad.Select(b => (JsonNode)new JsonObject { ["file"] = b.File, ["line"] = b.Line, ["reason"] = b.Reason })]),
        };
        if (scores is { Count: > 0 }) json["scores"] = new JsonObject { ["min"] = scores.Min(), ["mean"] = scores.Average(), ["max"] = scores.Max() };
        return json;
    }

    /// <summary>The labels with one row; none for numbers.</summary>
    private IReadOnlyList<NamedCount> Rare => field ??= scores is null ? [.. found.Labels.Where(l => l.Count == 1)] : [];

    private IEnumerable<string[]> Facts()
    {
        var (tokens, duplicates) = (found.Tokens!, found.Duplicates);
        yield return ["File", found.Name];
        yield return ["Rows", Screen.Number(found.Rows)];
        if (found.Pairs > 0) yield return ["Pairs of texts", Screen.Number(found.Pairs)];
        if (scores is { Count: > 0 })
            yield return ["Scores", string.Create(CultureInfo.InvariantCulture, $"{scores.Min():G4} to {scores.Max():G4}, mean {scores.Average():G4}")];
        else yield return ["Labels", Screen.Number(found.Labels.Count)];
        if (found.RowsWithSeveralLabels > 0) yield return ["Rows with several labels", Screen.Number(found.RowsWithSeveralLabels)];
        if (found.RowsWithoutLabel > 0) yield return ["Rows without a label", Screen.Number(found.RowsWithoutLabel)];
        yield return ["Tokens per row", $"minimum {tokens.Min}, median {tokens.Median}, 95th percentile {tokens.Percentile95}, maximum {tokens.Max}"];
        yield return ["Tokens per character", tokens.TokensPerCharacter.ToString("F2", CultureInfo.InvariantCulture)];
        yield return [$"Longer than {tokens.MaxTokens} tokens", $"{Count(tokens.TruncatedRows, "row")} (truncated by default)"];
        yield return
        [
            "Unknown tokens",
            tokens.HasUnknownToken ? $"{Screen.Number(tokens.UnknownTokens)} in {Count(tokens.RowsWithUnknown, "row")}"
                : "none (the tokenizer covers all bytes)",
        ];
        yield return ["Empty texts", Screen.Number(found.EmptyTexts.Count)];
        yield return ["Duplicate rows", Screen.Number(duplicates.RepeatedRows(found.Name))];
        yield return ["Labels written in several ways", Screen.Number(found.LabelVariants.Count)];
        yield return ["Conflicting labels", Count(duplicates.Conflicts.Count, "text")];
        foreach (var other in found.Against)
            yield return [$"Leaks: {other.Name}", $"{Screen.Number(duplicates.LeakedRows(other.Name))} of {Count(other.Count, "row")} also in another split"];
        yield return ["Bad rows", Screen.Number(bad.Count)];
    }

    private IEnumerable<NamedCount> Histogram()
    {
        var (min, max) = (scores!.Min(), scores!.Max());
        var width = (max - min) / Bins;
        if (width <= 0) return [new(min.ToString("G4", CultureInfo.InvariantCulture), scores!.Count)];
        var counts = scores!.CountBy(s => Math.Min((int)((s - min) / width), Bins - 1)).ToDictionary();
        return Enumerable.Range(0, Bins).Select(b => new NamedCount(
            string.Create(CultureInfo.InvariantCulture, $"{min + b * width:G4} to {min + (b + 1) * width:G4}"), counts.GetValueOrDefault(b)));
    }

    private void ShowBars(string title, IEnumerable<NamedCount> counts)
    {
        Screen.Line();
        var all = counts.ToList();
        if (Console.IsOutputRedirected)
        {
            var max = Math.Max(1, all.Max(c => c.Count));
            Screen.Table([title, "Rows", "Share", "Bar"], all.Select(c => (string[])
            [
                c.Name, c.Count.ToString(CultureInfo.InvariantCulture), Screen.Percent((double)c.Count / found.Rows),
                new string('█', (int)Math.Ceiling((double)c.Count * BarWidth / max)),
            ]));
            return;
        }
        var chart = new BarChart().Label(title).LeftAlignLabel();
        foreach (var count in all) chart.AddItem(Markup.Escape(count.Name), count.Count, Color.Teal);
        AnsiConsole.Write(chart);
    }

    private void Groups(string title, IReadOnlyList<DuplicateGroup> groups) => List(title, groups.Select(g =>
    {
        var labels = g.IsConflicting ? $"labels {string.Join(" / ", g.Labels.Select(l => l.Length == 0 ? "(none)" : l))}" : "same label";
        return $"{string.Join(" = ", g.Places.Take(Listed).Select(Named))}{(g.Places.Count > Listed ? " ..." : "")}: " +
            $"{(g.IsExact ? "identical" : "nearly identical")}, {labels}: \"{Excerpt(g.Text)}\"";
    }), groups.Count);

    private string Named(RowPlace place) => place.Part != found.Name ? place.ToString() : place.Line > 0 ? $"line {place.Line}" : $"row {place.Row}";

    private static void List(string title, IEnumerable<string> lines, int count)
    {
        if (count == 0) return;
        Screen.Line();
        Screen.Line(title);
        foreach (var line in lines.Take(Listed)) Screen.Line($"  {line}");
        if (count > Listed) Screen.Line($"  ... and {count - Listed} more (use --json to list all)");
    }

    private static string Excerpt(string text)
    {
        const int MaxLength = 80;
        var line = text.ReplaceLineEndings(" ").Replace('\t', ' ');
        return line.Length <= MaxLength ? line : line[..MaxLength] + "…";
    }

    private static string Count(long count, string what) => count == 1 ? $"1 {what}" : $"{Screen.Number(count)} {what}s";

    private static JsonArray Counts(IEnumerable<NamedCount> counts, string name, string count)
        => new([.. counts.Select(c => (JsonNode)new JsonObject { [name] = c.Name, [count] = c.Count })]);

    private static JsonNode Group(DuplicateGroup group)
    {
        var json = new JsonObject { ["text"] = group.Text };
        if (group.Text2 is { } second) json["text2"] = second;
        json["exact"] = group.IsExact;
        json["labels"] = new JsonArray([.. group.Labels.Select(l => (JsonNode)l)]);
        json["places"] = new JsonArray([.. group.Places.Select(Place)]);
        return json;
    }

    private static JsonNode Place(RowPlace place)
    {
        var json = new JsonObject { ["file"] = place.Part, ["row"] = place.Row };
        if (place.Line > 0) json["line"] = place.Line;
        return json;
    }
}
