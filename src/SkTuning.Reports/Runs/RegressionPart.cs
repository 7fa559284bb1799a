using SkTuning.Reports.Formatting;
using SkTuning.Reports.Html;
using SkTuning.Reports.Pictures;

namespace SkTuning.Reports.Runs;

/// <summary>The dev predictions of a regression run.</summary>
internal static class RegressionPart
{
    private const int MaxExamples = 12, Bins = 15;

    public static void Add(Page page, IReadOnlyList<ScoredRow> rows, string row)
    {
        var report = RegressionReport.Of([.. rows.Select(r => r.Label)], [.. rows.Select(r => r.Predicted)]);
        page.Section("Predicted numbers");
        page.Text($"{Show.Count(rows.Count, row)}: Pearson {Show.Three(report.Pearson)}, Spearman {Show.Three(report.Spearman)}, " +
            $"mean squared error {Show.Number(report.MeanSquaredError, "G4")}, mean absolute error {Show.Number(report.MeanAbsoluteError, "G4")}, " +
            $"R² {Show.Three(report.RSquared)}.");
        page.Pictures(Scatter(rows, report), Errors(rows));
        page.Section("Largest errors");
        page.Table($"The {Show.Count(Math.Min(MaxExamples, rows.Count), row)} with the largest errors",
            [Column.Prose("Text"), Column.Number("True"), Column.Number("Predicted"), Column.Number("Error")],
            rows.OrderByDescending(r => Math.Abs(r.Predicted - r.Label)).Take(MaxExamples).Select(r => (IReadOnlyList<TableCell>)
                [Examples.Cut(r.Text), Show.Number(r.Label), Show.Number(r.Predicted), Show.Number(r.Predicted - r.Label, "+0.####;-0.####;0")]));
    }

    private static Picture Scatter(IReadOnlyList<ScoredRow> rows, RegressionReport report)
    {
        double[] all = [.. rows.SelectMany(r => new[] { r.Label, r.Predicted })];
        var picture = new Picture("Predicted versus true", Axis.Linear("true", all), Axis.Linear("predicted", all));
        picture.Guide(all.Min(), all.Min(), all.Max(), all.Max());
        picture.Dots(rows.Select(r => (r.Label, r.Predicted)), new(0), size: rows.Count > 300 ? 3 : 6);
        picture.Caption = "Correct predictions are on the dashed line.";
        picture.Description = $"{Show.Count(rows.Count, "row")}; Pearson {Show.Three(report.Pearson)}; " +
            $"true values from {Show.Number(rows.Min(r => r.Label))} to {Show.Number(rows.Max(r => r.Label))}, " +
            $"predictions from {Show.Number(rows.Min(r => r.Predicted))} to {Show.Number(rows.Max(r => r.Predicted))}.";
        return picture;
    }

    private static Picture Errors(IReadOnlyList<ScoredRow> rows)
    {
        double[] errors = [.. rows.Select(r => r.Predicted - r.Label)];
        var reach = Math.Max(errors.Max(Math.Abs), 1e-9);
        var counts = new int[Bins];
        foreach (var e in errors) counts[Math.Min(Bins - 1, (int)((e + reach) / (2 * reach) * Bins))]++;
        var picture = new Picture("Errors", Axis.Linear("predicted minus true", [-reach, reach]), Axis.Counted("rows", counts.Max()));
        for (var b = 0; b < Bins; b++)
            if (counts[b] > 0) picture.Bar(-reach + 2 * reach * (b + 0.05) / Bins, -reach + 2 * reach * (b + 0.95) / Bins, counts[b], new(0), 0.75);
        picture.Guide(0, 0, 0, counts.Max());
        var mean = Show.Number(errors.Average(), "+0.####;-0.####;0");
        picture.Caption = $"The mean error is {mean}. To the right of the dashed line, predictions are too high.";
        picture.Description = $"{errors.Count(e => e > 0)} predictions are too high, {errors.Count(e => e < 0)} too low. " +
            $"The largest error is {Show.Number(reach)}, the mean error {mean}.";
        return picture;
    }
}
