using SkTuning.Metrics;
using SkTuning.Reports.Formatting;
using SkTuning.Reports.Html;
using SkTuning.Reports.Pictures;

namespace SkTuning.Reports.Runs;

/// <summary>The dev predictions of a run with any number of labels per row.</summary>
internal static class MultiLabelPart
{
    private const int MaxExamples = 12;

    public static void Add(Page page, string[] labels, IReadOnlyList<MultiLabeledRow> rows, string row)
    {
        bool[][] truth = [.. rows.Select(r => r.Labels)], predicted = [.. rows.Select(r => r.Predicted)];
        double[][] scores = [.. rows.Select(r => r.Scores)];
        var (micro, macro) = (MultiLabelMetrics.Micro(truth, predicted), MultiLabelMetrics.Macro(truth, predicted));
        page.Section("Labels");
        page.Text($"{Show.Count(rows.Count, row)}: micro F1 {Show.Three(micro.F1)}, macro F1 {Show.Three(macro.F1)}, " +
            $"all labels correct for {Show.Percent(MultiLabelMetrics.SubsetAccuracy(truth, predicted))} of the rows, " +
            $"Hamming loss {Show.Three(MultiLabelMetrics.HammingLoss(truth, predicted))}, " +
            $"ranking average precision {Show.Three(MultiLabelMetrics.RankingAveragePrecision(truth, scores))}. " +
            "A label is predicted if its probability is at least 50%.");
        var each = MultiLabelMetrics.PerLabel(truth, predicted).Select((s, l) => new ClassScores(labels[l], s, truth.Count(t => t[l]))).ToList();
        ClassTable.Add(page, "Labels on dev", "Label", each, ("micro average", micro), ("macro average", macro));
        page.Pictures(Cooccurrence(labels, truth, predicted));

        page.Section("Confidence");
        var decisions = rows.SelectMany(r => labels.Select((_, l) => (Probability: r.Scores[l], IsTrue: r.Labels[l])))
            .Where(d => double.IsFinite(d.Probability)).ToList();
        if (decisions.Count == 0) page.Text("The run has no probabilities.");
        else page.Pictures(Shapes.Calibration("Calibration", [.. decisions.Select(d => (d.Probability, d.IsTrue))]), Coverage(decisions));

        page.Section("Most confident errors");
        var wrong = rows
            .SelectMany(r => labels.Select((name, l) => (r.Text, Name: name, Predicted: r.Predicted[l], IsTrue: r.Labels[l], Probability: r.Scores[l])))
            .Where(d => d.IsTrue != d.Predicted)
            .Select(d => (d.Text, d.Name, d.Predicted, Confidence: d.Predicted ? d.Probability : 1 - d.Probability))
            .OrderByDescending(d => d.Confidence).ToList();
        if (wrong.Count == 0) page.Text($"None: all labels of all {row}s are correct.");
        else
            page.Table($"Wrong decisions on the {row}s, most confident first ({Math.Min(MaxExamples, wrong.Count)} of {wrong.Count})",
                [Column.Prose("Text"), "Label", "Error", Column.Number("Confidence")],
                wrong.Take(MaxExamples).Select(d => (IReadOnlyList<TableCell>)
                    [Examples.Cut(d.Text), d.Name, d.Predicted ? "predicted, but not true" : "true, but not predicted", Show.Percent(d.Confidence)]));
    }

    private static Picture Coverage(IReadOnlyList<(double Probability, bool IsTrue)> decisions)
        => Shapes.Coverage([.. decisions.Select(d => (Math.Max(d.Probability, 1 - d.Probability), d.IsTrue == d.Probability >= 0.5))]);

    /// <summary>Draws which labels are predicted for the rows of each true label; null if there are too many labels.</summary>
    private static Picture? Cooccurrence(string[] labels, bool[][] truth, bool[][] predicted)
    {
        const int MaxLabels = 40;
        if (labels.Length > MaxLabels) return null;
        var picture = Shapes.HeatMap("Predicted labels by true label", labels, labels, "predicted", "true", (t, p) =>
        {
            var rows = truth.Count(r => r[t]);
            var both = truth.Zip(predicted).Count(r => r.First[t] && r.Second[p]);
            return rows == 0 ? null : ((double)both / rows, both == 0 ? "" : $"{both}");
        });
        picture.Caption = "Rows with each true label, by predicted label. Correct predictions are on the diagonal. " +
            "Labels that often occur together also have dark cells off the diagonal.";
        picture.Description = string.Join("; ", labels.Select((name, l) =>
            $"{name}: {Show.Count(truth.Count(r => r[l]), "row")}, predicted for {truth.Zip(predicted).Count(r => r.First[l] && r.Second[l])}")) + ".";
        return picture;
    }
}
