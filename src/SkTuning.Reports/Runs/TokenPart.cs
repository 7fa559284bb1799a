using SkTuning.Metrics;
using SkTuning.Reports.Formatting;
using SkTuning.Reports.Html;
using SkTuning.Reports.Pictures;

namespace SkTuning.Reports.Runs;

/// <summary>The dev predictions of a run with one tag per word.</summary>
internal static class TokenPart
{
    private const int MaxExamples = 12, MaxTagsPictured = 40;

    public static void Add(Page page, string[] tags, IReadOnlyList<TaggedRow> rows)
    {
        string[][] truth = [.. rows.Select(r => r.Tags)], predicted = [.. rows.Select(r => r.Predicted)];
        page.Section("Entities and tags");
        page.Text($"{Show.Count(rows.Count, "dev sentence")} with {Show.Count(rows.Sum(r => r.Words.Length), "word")} (without truncated ones): " +
            $"{Show.Percent(EntityMetrics.TokenAccuracy(truth, predicted))} of the tags are correct.");
        var entities = EntityTags.MarksEntities(tags) ? EntityMetrics.Conll(truth, predicted) : null;
        if (entities is not null)
        {
            page.Text($"Entities: precision {Show.Three(entities.Micro.Precision)}, recall {Show.Three(entities.Micro.Recall)}, " +
                $"F1 {Show.Three(entities.Micro.F1)}. An entity is correct if its type, its first word and its last word are.");
            ClassTable.Add(page, "Entities in the dev rows by type; “rows” are entities", "Type", entities.PerType, ("all", entities.Micro),
                ("macro average", entities.Macro));
        }
        string[] names = [.. tags.Union(truth.Concat(predicted).SelectMany(t => t))];
        var places = names.Index().ToDictionary(n => n.Item, n => n.Index);
        var report = ClassificationReport.Of(names,
            [.. truth.SelectMany(t => t).Select(t => places[t])], [.. predicted.SelectMany(t => t).Select(t => places[t])]);
        if (names.Length <= MaxTagsPictured) page.Pictures(Confusion(report));
        if (entities is null) ClassTable.Add(page, "Tags in the dev rows; “rows” are words", "Tag", report.PerClass, ("macro average", report.Macro));

        page.Section("Sentences with errors");
        var wrong = rows.Select(r => (Row: r, Errors: r.Tags.Zip(r.Predicted).Count(t => t.First != t.Second)))
            .Where(r => r.Errors > 0).OrderByDescending(r => r.Errors).ToList();
        if (wrong.Count == 0) page.Text("None: all tags of all dev sentences are correct.");
        else
            page.Table($"Dev sentences with the most wrong tags ({Math.Min(MaxExamples, wrong.Count)} of {wrong.Count} with errors)",
                [Column.Prose("Sentence"), Column.Prose("Word: tag, predicted"), Column.Number("Wrong tags")],
                wrong.Take(MaxExamples).Select(r => (IReadOnlyList<TableCell>)
                    [Examples.Cut(string.Join(' ', r.Row.Words)), Examples.Cut(Differences(r.Row)), Show.Whole(r.Errors)]));
    }

    private static Picture Confusion(ClassificationReport report)
    {
        var picture = Shapes.HeatMap("Tags", report.Labels, report.Labels, "predicted", "tag", (t, p) =>
        {
            var (count, all) = (report.Confusion(t, p), report.PerClass[t].Rows);
            return all > 0 ? ((double)count / all, count > 0 ? $"{count}" : "") : null;
        });
        picture.Caption = "Words of each tag by prediction. Darker cells contain a larger share of the tag's words.";
        picture.Description = $"Correct by tag: {string.Join(", ", report.PerClass.Select(c => $"{c.Label} {Show.Percent(c.Scores.Recall)}"))}.";
        return picture;
    }

    private static string Differences(TaggedRow row) => string.Join('\n', row.Words
        .Select((word, i) => (Word: word, Tag: row.Tags[i], Predicted: row.Predicted[i]))
        .Where(d => d.Tag != d.Predicted)
        .Select(d => $"{d.Word}: {d.Tag}, {d.Predicted}"));
}
