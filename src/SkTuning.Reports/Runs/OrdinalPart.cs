using SkTuning.Reports.Formatting;
using SkTuning.Reports.Html;
using SkTuning.Reports.Pictures;

namespace SkTuning.Reports.Runs;

/// <summary>The dev predictions of a run with ordered levels.</summary>
internal static class OrdinalPart
{
    private const int MaxExamples = 12, MaxLevelsPictured = 100;

    public static void Add(Page page, string[] levels, IReadOnlyList<LeveledRow> rows, string row)
    {
        var report = OrdinalReport.Of([.. rows.Select(r => r.Level)], [.. rows.Select(r => r.Predicted)], [.. rows.Select(r => r.Expected)]);
        page.Section("Levels");
        page.Text($"{Show.Count(rows.Count, row)}: mean absolute error {Show.Three(report.MeanAbsoluteError)} levels, quadratic kappa " +
            $"{Show.Three(report.QuadraticKappa)}, Spearman {Show.Three(report.Spearman)}, correct or next to it {Show.Percent(report.OffByOneAccuracy)}, " +
            $"accuracy {Show.Percent(report.Accuracy)}. The levels, lowest first: {string.Join(", ", levels)}.");
        var confidences = rows.Select(r => (r.Confidence, IsRight: r.Level == r.Predicted)).Where(r => double.IsFinite(r.Confidence)).ToList();
        if (levels.Length <= MaxLevelsPictured) page.Pictures(Confusion(levels, rows, report), Expected(levels, rows));
        page.Table($"Levels on the {row}s", ["Level", Column.Number("Rows"), Column.Number("Mean absolute error"), Column.Number("Accuracy")],
            levels.Index().Select(l => OfLevel(l.Item, [.. rows.Where(r => r.Level == l.Index)])));
        if (confidences.Count > 0)
        {
            page.Section("Confidence");
            page.Pictures(Shapes.Calibration("Calibration", confidences), Shapes.Coverage(confidences));
        }
        page.Section("Largest errors");
        page.Table($"The {Show.Count(Math.Min(MaxExamples, rows.Count), row)} with the largest errors",
            [Column.Prose("Text"), "Level", "Predicted", Column.Number("Expected level"), Column.Number("Error in levels")],
            rows.OrderByDescending(r => Math.Abs(r.Expected - r.Level)).Take(MaxExamples).Select(r => (IReadOnlyList<TableCell>)
                [Examples.Cut(r.Text), levels[r.Level], levels[r.Predicted], Show.Number(1 + r.Expected), Show.Number(r.Expected - r.Level, "+0.##;-0.##;0")]));
    }

    private static IReadOnlyList<TableCell> OfLevel(string level, IReadOnlyList<LeveledRow> rows) => rows.Count == 0 ? [level, "0", "–", "–"]
        :
        [
            level, Show.Whole(rows.Count), Show.Three(rows.Average(r => Math.Abs(r.Predicted - r.Level))),
            Show.Percent(rows.Average(r => r.Predicted == r.Level ? 1 : 0)),
        ];

    private static Picture Confusion(string[] levels, IReadOnlyList<LeveledRow> rows, OrdinalReport report)
    {
        var counts = rows.CountBy(r => (r.Level, r.Predicted)).ToDictionary();
        var ofLevel = rows.CountBy(r => r.Level).ToDictionary();
        var picture = Shapes.HeatMap("Confusion matrix", levels, levels, "predicted", "level", (t, p) =>
        {
            var (count, all) = (counts.GetValueOrDefault((t, p)), ofLevel.GetValueOrDefault(t));
            return all > 0 ? ((double)count / all, count == 0 ? "" : $"{count}") : null;
        });
        picture.Caption = "Rows of each level by prediction. Darker cells contain a larger share of the level's rows. Errors by one level are next to the "
            + "diagonal.";
        picture.Description = $"{Show.Percent(report.Accuracy)} of {Show.Count(rows.Count, "row")} are on the diagonal, " +
            $"{Show.Percent(report.OffByOneAccuracy)} on it or next to it.";
        return picture;
    }

    private static Picture Expected(string[] levels, IReadOnlyList<LeveledRow> rows)
    {
        double[] ends = [1, levels.Length];
        var picture = new Picture("Expected versus true level", Axis.Linear("true", ends), Axis.Linear("expected", ends));
        picture.Guide(1, 1, levels.Length, levels.Length);
        picture.Dots(rows.Select(r => (1.0 + r.Level, 1 + r.Expected)), new(0), size: rows.Count > 300 ? 3 : 6);
        picture.Caption = "The mean of the levels, weighted by their probabilities. Correct predictions are on the dashed line; level 1 is the lowest.";
        picture.Description = $"{Show.Count(rows.Count, "row")}; the mean expected level of each level: " +
            $"{string.Join(", ", levels.Index().Where(l => rows.Any(r => r.Level == l.Index)).Select(l
                => $"{l.Item} {Show.Number(1 + rows.Where(r => r.Level == l.Index).Average(r => r.Expected), "0.##")}"))}.";
        return picture;
    }
}
