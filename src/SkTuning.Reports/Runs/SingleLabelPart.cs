using SkTuning.Compare;
using SkTuning.Metrics;
using SkTuning.Models;
using SkTuning.Reports.Html;
using SkTuning.Reports.Pictures;
using SkTuning.Training;

namespace SkTuning.Reports.Runs;

/// <summary>Dev predictions of one label a row.</summary>
internal static class SingleLabelPart
{
    private const int MostExamples = 12, MostPairs = 10, MostClassesPictured = 100;

    public static void Add(Page page, string[] labels, IReadOnlyList<LabelledRow> rows)
    {
        string[] names = [.. labels.Union(rows.SelectMany(r => new[] { r.Label, r.Predicted }))];
        var places = names.Index().ToDictionary(n => n.Item, n => n.Index);
        var report = ClassificationReport.Of(names, [.. rows.Select(r => places[r.Label])], [.. rows.Select(r => places[r.Predicted])]);
        List<(double Confidence, bool IsRight)> sure = [.. rows.Select(r => (r.Confidence, r.Label == r.Predicted)).Where(r => double.IsFinite(r.Confidence))];

        page.Section("Classes");
        page.Text($"{Show.Count(rows.Count, "dev row")}: accuracy {Show.Percent(report.Accuracy)}, macro F1 {Show.Three(report.Macro.F1)}, weighted F1 {Show.Three(report.Weighted.F1)}, MCC {Show.Three(report.MatthewsCorrelation)}, kappa {Show.Three(report.CohenKappa)}.");
        if (names.Length <= MostClassesPictured) page.Pictures(Confusion(report));
        ClassTable.Add(page, "Classes on dev, in the order of their labels", "Class", report.PerClass, ("macro mean", report.Macro), ("weighted mean", report.Weighted));
        Pairs(page, report);

        if (sure.Count > 0)
        {
            page.Section("Confidence");
            page.Pictures(Shapes.Calibration("How often it is right when it is so sure", sure), Shapes.Coverage(sure));
        }

        page.Section("Most confident errors");
        var wrong = rows.Where(r => r.Label != r.Predicted).OrderByDescending(r => r.Confidence).ToList();
        if (wrong.Count == 0) page.Text("None: every dev row is right.");
        else
        {
            page.Text("Read these: some of their labels may be wrong themselves.");
            page.Table($"{(wrong.Count > MostExamples ? $"The {MostExamples} surest of {Show.Count(wrong.Count, "wrong prediction")}" : Show.Count(wrong.Count, "wrong prediction"))} on dev, the surest first", [Column.Prose("Text"), "Label", "Predicted", Column.Number("Confidence")],
                wrong.Take(MostExamples).Select(r => (IReadOnlyList<Cell>)[Examples.Cut(r.Text), r.Label, r.Predicted, Show.Percent(r.Confidence)]));
        }
    }

    private static Picture Confusion(ClassificationReport report)
    {
        var picture = Shapes.HeatMap("Confusion matrix", report.Labels, report.Labels, "predicted", "label", (t, p) => report.Confusion(t, p) is var n && report.PerClass[t].Rows is var all && all > 0 ? ((double)n / all, n == 0 ? "" : $"{n}") : null);
        picture.Caption = "Rows of each label by what was predicted; the darker, the larger the part of the label. What is right lies on the diagonal.";
        picture.Description = $"{Show.Percent(report.Accuracy)} of {Show.Count(report.Rows, "row")} lie on the diagonal. Right of each label: {string.Join(", ", report.PerClass.Select(c => $"{c.Label} {Show.Percent(c.Scores.Recall)}"))}.";
        return picture;
    }

    private static void Pairs(Page page, ClassificationReport report)
    {
        page.Heading("Most confused pairs");
        var pairs = Mistakes.MostConfused(report, MostPairs);
        if (pairs.Count == 0) page.Text("None: every dev row is right.");
        else page.Table("Labels that were taken for another, most rows first", ["Label", "Taken for", Column.Number("Rows"), Column.Number("Of the label")],
            pairs.Select(p => (IReadOnlyList<Cell>)[p.Truth, p.Predicted, Show.Whole(p.Rows), Show.Percent(p.FractionOfTruth)]));
    }
}

/// <summary>Precision, recall and F1 of classes, labels or kinds of entities.</summary>
internal static class ClassTable
{
    public static void Add(Page page, string caption, string what, IReadOnlyList<ClassScores> classes, params (string Name, Scores Scores)[] means)
        => page.Table(caption, [what, Column.Number("Precision"), Column.Number("Recall"), Column.Number("F1"), Column.Number("Rows")],
            [.. classes.Select(c => Row(c.Label, c.Scores, Show.Whole(c.Rows), strong: false)), .. means.Select(m => Row(m.Name, m.Scores, Show.Whole(classes.Sum(c => c.Rows)), strong: true))]);

    private static IReadOnlyList<Cell> Row(string name, Scores s, string rows, bool strong) => [name, new(Show.Three(s.Precision), strong), new(Show.Three(s.Recall), strong), new(Show.Three(s.F1), strong), new(rows, strong)];
}

/// <summary>Rows of a user as examples.</summary>
internal static class Examples
{
    private const int Longest = 400;

    public static string Cut(string text) => text.Length <= Longest ? text : text[..Longest] + "…";

    /// <summary>Both texts of a pair.</summary>
    public static string Join(string? text, string? text2) => text2 is null ? text ?? "" : $"{text}\n{text2}";
}
