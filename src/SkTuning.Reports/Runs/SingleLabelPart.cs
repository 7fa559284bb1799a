using SkTuning.Metrics;
using SkTuning.Reports.Formatting;
using SkTuning.Reports.Html;
using SkTuning.Reports.Pictures;

namespace SkTuning.Reports.Runs;

/// <summary>The dev predictions of a run with one label per row.</summary>
internal static class SingleLabelPart
{
    private const int MaxExamples = 12, MaxPairs = 10, MaxClassesPictured = 100;

    public static void Add(Page page, string[] labels, IReadOnlyList<LabeledRow> rows, string row)
    {
        string[] names = [.. labels.Union(rows.SelectMany(r => new[] { r.Label, r.Predicted }))];
        var places = names.Index().ToDictionary(n => n.Item, n => n.Index);
        var report = ClassificationReport.Of(names, [.. rows.Select(r => places[r.Label])], [.. rows.Select(r => places[r.Predicted])]);
        var confidences = rows.Select(r => (r.Confidence, IsRight: r.Label == r.Predicted)).Where(r => double.IsFinite(r.Confidence)).ToList();

        page.Section("Classes");
        page.Text($"{Show.Count(rows.Count, row)}: accuracy {Show.Percent(report.Accuracy)}, macro F1 {Show.Three(report.Macro.F1)}, " +
            $"weighted F1 {Show.Three(report.Weighted.F1)}, MCC {Show.Three(report.MatthewsCorrelation)}, kappa {Show.Three(report.CohenKappa)}.");
        if (names.Length <= MaxClassesPictured) page.Pictures(Confusion(report));
        ClassTable.Add(page, $"Classes on the {row}s", "Class", report.PerClass, ("macro average", report.Macro), ("weighted average", report.Weighted));
        Pairs(page, report, row);

        if (confidences.Count > 0)
        {
            page.Section("Confidence");
            page.Pictures(Shapes.Calibration("Calibration", confidences), Shapes.Coverage(confidences));
        }

        page.Section("Most confident errors");
        var wrong = rows.Where(r => r.Label != r.Predicted).OrderByDescending(r => r.Confidence).ToList();
        if (wrong.Count == 0) page.Text($"None: all {row}s are predicted correctly.");
        else
        {
            var all = Show.Count(wrong.Count, "wrong prediction");
            page.Text("Check these rows: some of their labels may be wrong.");
            page.Table($"{(wrong.Count > MaxExamples ? $"The {MaxExamples} most confident of {all}" : all)} on the {row}s, most confident first",
                [Column.Prose("Text"), "Label", "Predicted", Column.Number("Confidence")],
                wrong.Take(MaxExamples).Select(r => (IReadOnlyList<TableCell>)[Examples.Cut(r.Text), r.Label, r.Predicted, Show.Percent(r.Confidence)]));
        }
    }

    private static Picture Confusion(ClassificationReport report)
    {
        var picture = Shapes.HeatMap("Confusion matrix", report.Labels, report.Labels, "predicted", "label", (t, p) =>
        {
            var (count, all) = (report.Confusion(t, p), report.PerClass[t].Rows);
            return all > 0 ? ((double)count / all, count == 0 ? "" : $"{count}") : null;
        });
        picture.Caption = "Rows of each label by prediction. Darker cells contain a larger share of the label's rows. Correct predictions are on the diagonal.";
        picture.Description = $"{Show.Percent(report.Accuracy)} of {Show.Count(report.Rows, "row")} are on the diagonal. " +
            $"Correct by label: {string.Join(", ", report.PerClass.Select(c => $"{c.Label} {Show.Percent(c.Scores.Recall)}"))}.";
        return picture;
    }

    private static void Pairs(Page page, ClassificationReport report, string row)
    {
        page.Heading("Most confused pairs");
        var pairs = Mistakes.MostConfused(report, MaxPairs);
        if (pairs.Count == 0) page.Text($"None: all {row}s are predicted correctly.");
        else
            page.Table("Confused labels, most frequent first", ["Label", "Predicted as", Column.Number("Rows"), Column.Number("Share of the label")],
                pairs.Select(p => (IReadOnlyList<TableCell>)[p.Truth, p.Predicted, Show.Whole(p.Rows), Show.Percent(p.FractionOfTruth)]));
    }
}

/// <summary>A table with the precision, recall and F1 of classes, labels or entity types.</summary>
internal static class ClassTable
{
    public static void Add(Page page, string caption, string what, IReadOnlyList<ClassScores> classes, params (string Name, Scores Scores)[] means)
        => page.Table(caption, [what, Column.Number("Precision"), Column.Number("Recall"), Column.Number("F1"), Column.Number("Rows")],
            [
                .. classes.Select(c => Row(c.Label, c.Scores, Show.Whole(c.Rows), strong: false)),
                .. means.Select(m => Row(m.Name, m.Scores, Show.Whole(classes.Sum(c => c.Rows)), strong: true)),
            ]);

    private static IReadOnlyList<TableCell> Row(string name, Scores s, string rows, bool strong)
        => [name, new(Show.Three(s.Precision), strong), new(Show.Three(s.Recall), strong), new(Show.Three(s.F1), strong), new(rows, strong)];
}

/// <summary>Formats the texts of rows as examples.</summary>
internal static class Examples
{
    private const int MaxLength = 400;

    public static string Cut(string text) => text.Length <= MaxLength ? text : text[..MaxLength] + "…";

    /// <summary>Joins the texts of a pair.</summary>
    public static string Join(string? text, string? text2) => text2 is null ? text ?? "" : $"{text}\n{text2}";
}
