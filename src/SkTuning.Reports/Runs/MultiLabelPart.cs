using SkTuning.Metrics;
using SkTuning.Reports.Html;
using SkTuning.Reports.Pictures;

namespace SkTuning.Reports.Runs;

/// <summary>Dev predictions of any number of labels a row.</summary>
internal static class MultiLabelPart
{
    private const int MostExamples = 12;

    public static void Add(Page page, string[] labels, IReadOnlyList<MultiLabelledRow> rows)
    {
        bool[][] truth = [.. rows.Select(r => r.Labels)], predicted = [.. rows.Select(r => r.Predicted)];
        double[][] scores = [.. rows.Select(r => r.Scores)];
        var (micro, macro) = (MultiLabelMetrics.Micro(truth, predicted), MultiLabelMetrics.Macro(truth, predicted));
        page.Section("Labels");
        page.Text($"{Show.Count(rows.Count, "dev row")}: micro F1 {Show.Three(micro.F1)}, macro F1 {Show.Three(macro.F1)}, every label right for {Show.Percent(MultiLabelMetrics.SubsetAccuracy(truth, predicted))} of the rows, Hamming loss {Show.Three(MultiLabelMetrics.HammingLoss(truth, predicted))}, ranking average precision {Show.Three(MultiLabelMetrics.RankingAveragePrecision(truth, scores))}. A label is told from a probability of 50 % on.");
        var each = MultiLabelMetrics.PerLabel(truth, predicted).Select((s, l) => new ClassScores(labels[l], s, truth.Count(t => t[l]))).ToList();
        ClassTable.Add(page, "Labels on dev", "Label", each, ("micro", micro), ("macro mean", macro));
        page.Pictures(Together(labels, truth, predicted));

        page.Section("Confidence");
        var decisions = rows.SelectMany(r => labels.Select((_, l) => (Probability: r.Scores[l], IsTrue: r.Labels[l]))).Where(d => double.IsFinite(d.Probability)).ToList();
        if (decisions.Count == 0) page.Text("The run has no probabilities.");
        else page.Pictures(Shapes.Calibration("How often a label of so high a probability is true", [.. decisions.Select(d => (d.Probability, d.IsTrue))]), Coverage(decisions));

        page.Section("Most confident errors");
        var wrong = rows.SelectMany(r => labels.Select((name, l) => (r.Text, Name: name, Told: r.Predicted[l], IsWrong: r.Labels[l] != r.Predicted[l], Sure: r.Predicted[l] ? r.Scores[l] : 1 - r.Scores[l])))
            .Where(d => d.IsWrong).OrderByDescending(d => d.Sure).ToList();
        if (wrong.Count == 0) page.Text("None: every label of every dev row is right.");
        else page.Table($"Wrong decisions on dev, the surest first ({Math.Min(MostExamples, wrong.Count)} of {wrong.Count})", [Column.Prose("Text"), "Label", "Error", Column.Number("Confidence")],
            wrong.Take(MostExamples).Select(d => (IReadOnlyList<Cell>)[Examples.Cut(d.Text), d.Name, d.Told ? "told, but not there" : "there, but not told", Show.Percent(d.Sure)]));
    }

    private static Picture Coverage(IReadOnlyList<(double Probability, bool IsTrue)> decisions)
        => Shapes.Coverage([.. decisions.Select(d => (Math.Max(d.Probability, 1 - d.Probability), d.IsTrue == d.Probability >= 0.5))]);

    /// <summary>What is told where a label is there; null for so many labels that nobody could read it.</summary>
    private static Picture? Together(string[] labels, bool[][] truth, bool[][] predicted)
    {
        const int Most = 40;
        if (labels.Length > Most) return null;
        var picture = Shapes.HeatMap("What is told where a label is there", labels, labels, "told", "there", (t, p) =>
        {
            var there = truth.Count(r => r[t]);
            var told = truth.Zip(predicted).Count(r => r.First[t] && r.Second[p]);
            return there == 0 ? null : ((double)told / there, told == 0 ? "" : $"{told}");
        });
        picture.Caption = "Rows that have a label, by the labels told of them; the diagonal is what is right. Labels that often go together are dark off it too.";
        picture.Description = string.Join("; ", labels.Select((name, l) => $"{name}: {Show.Count(truth.Count(r => r[l]), "row")}, told in {truth.Zip(predicted).Count(r => r.First[l] && r.Second[l])}")) + ".";
        return picture;
    }
}
