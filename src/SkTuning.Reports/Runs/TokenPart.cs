using SkTuning.Baselines;
using SkTuning.Compare;
using SkTuning.Metrics;
using SkTuning.Models;
using SkTuning.Reports.Html;
using SkTuning.Reports.Pictures;

namespace SkTuning.Reports.Runs;

/// <summary>Dev predictions of a tag a word.</summary>
internal static class TokenPart
{
    private const int MostExamples = 12, MostTagsPictured = 40;

    public static void Add(Page page, string[] tags, IReadOnlyList<TaggedRow> rows)
    {
        string[][] truth = [.. rows.Select(r => r.Tags)], predicted = [.. rows.Select(r => r.Predicted)];
        page.Section("Entities and tags");
        page.Text($"{Show.Count(rows.Count, "dev sentence")}, {Show.Count(rows.Sum(r => r.Words.Length), "word")} that were read: {Show.Percent(EntityMetrics.TokenAccuracy(truth, predicted))} of the tags are right.");
        var entities = EntityTags.MarksEntities(tags) ? EntityMetrics.Conll(truth, predicted) : null;
        if (entities is not null)
        {
            page.Text($"An entity is right where its type, first and last word are: precision {Show.Three(entities.Micro.Precision)}, recall {Show.Three(entities.Micro.Recall)}, F1 {Show.Three(entities.Micro.F1)}.");
            ClassTable.Add(page, "Entities on dev by type; rows are entities", "Type", entities.PerType, ("all", entities.Micro), ("macro mean", entities.Macro));
        }
        string[] names = [.. tags.Union(truth.Concat(predicted).SelectMany(t => t))];
        var places = names.Index().ToDictionary(n => n.Item, n => n.Index);
        var report = ClassificationReport.Of(names, [.. truth.SelectMany(t => t).Select(t => places[t])], [.. predicted.SelectMany(t => t).Select(t => places[t])]);
        if (names.Length <= MostTagsPictured) page.Pictures(Confusion(report));
        if (entities is null) ClassTable.Add(page, "Tags on dev; rows are words", "Tag", report.PerClass, ("macro mean", report.Macro));

        page.Section("Sentences with errors");
        var wrong = rows.Select(r => (Row: r, Errors: r.Tags.Zip(r.Predicted).Count(t => t.First != t.Second))).Where(r => r.Errors > 0).OrderByDescending(r => r.Errors).ToList();
        if (wrong.Count == 0) page.Text("None: every tag of every dev sentence is right.");
        else page.Table($"Dev sentences with the most wrong tags ({Math.Min(MostExamples, wrong.Count)} of {wrong.Count} with errors)", [Column.Prose("Sentence"), Column.Prose("Word: tag, predicted"), Column.Number("Wrong tags")],
            wrong.Take(MostExamples).Select(r => (IReadOnlyList<Cell>)[Examples.Cut(string.Join(' ', r.Row.Words)), Examples.Cut(Differences(r.Row)), Show.Whole(r.Errors)]));
    }

    private static Picture Confusion(ClassificationReport report)
    {
        var picture = Shapes.HeatMap("Tags", report.Labels, report.Labels, "predicted", "tag", (t, p) => report.PerClass[t].Rows is var all && all > 0 ? ((double)report.Confusion(t, p) / all, report.Confusion(t, p) is var n && n > 0 ? $"{n}" : "") : null);
        picture.Caption = "Words of each tag by what was predicted; the darker, the larger the part of the tag.";
        picture.Description = $"Right of each tag: {string.Join(", ", report.PerClass.Select(c => $"{c.Label} {Show.Percent(c.Scores.Recall)}"))}.";
        return picture;
    }

    private static string Differences(TaggedRow row) => string.Join('\n', row.Words.Select((w, i) => (w, row.Tags[i], row.Predicted[i])).Where(d => d.Item2 != d.Item3).Select(d => $"{d.w}: {d.Item2}, {d.Item3}"));
}
