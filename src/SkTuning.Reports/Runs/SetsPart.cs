using System.Text.Json.Nodes;
using SkTuning.Data;
using SkTuning.Metrics;
using SkTuning.Reports.Formatting;
using SkTuning.Reports.Html;
using SkTuning.Reports.Pictures;

namespace SkTuning.Reports.Runs;

/// <summary>The sets of possible labels of a run: how often those of each class contain the true label, and what a higher or lower coverage costs.</summary>
internal static class SetsPart
{
    private static readonly double[] Targets = [0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.975, 0.99];

    /// <summary>Adds the section, if the run has sets.</summary>
    /// <param name="page">The page.</param>
    /// <param name="decision">What was decided after training, as in report.json.</param>
    /// <param name="labels">The labels.</param>
    /// <param name="rows">The rows that the sets were calibrated on.</param>
    /// <param name="row">What a row is called.</param>
    public static void Add(Page page, JsonNode? decision, string[] labels, IReadOnlyList<LabeledRow> rows, string row)
    {
        var target = Values.Number(Values.In(decision, "setCoverage"));
        var temperature = Values.Number(Values.In(decision, "setTemperature")) is > 0 and var stored ? stored : 1;
        var usable = rows.Where(r => Array.IndexOf(labels, r.Label) >= 0 && r.Scores.All(double.IsFinite) && r.Scores.Sum() > 0)
            .Select(r => (Probabilities: At(temperature, r.Scores), Truth: Array.IndexOf(labels, r.Label), Unit: Unit(r.Text))).ToList();
        if (target is not (> 0 and < 1) || usable.Count < AdaptiveSets.RowsFor(target)) return;
        double[] scores = [.. usable.Select(r => AdaptiveSets.Score(r.Probabilities, r.Truth, r.Unit))];
        var report = Of(target);

        page.Section("Sets of possible labels");
        page.Text($"Each set is to contain the true label with a probability of {Show.Percent(target)}. On the {row}s that the sets were calibrated on, "
            + "this is so by construction for all classes together; a class below it needs more rows or better texts. "
            + $"The mean size is {Show.Three(report.All.MeanSize)}, and {Show.Percent(report.All.Single)} of the sets have one label, which is an answer.");
        page.Table($"Sets of the {row}s by class",
            ["Class", Column.Number("Coverage"), Column.Number("Mean size"), Column.Number("One label"), Column.Number("Rows")],
            [.. report.PerClass.Where(c => c.Rows > 0).Select(c => Line(c, strong: false)), Line(report.All, strong: true)]);
        var curve = Targets.Append(target).Distinct().Order().Where(t => AdaptiveSets.RowsFor(t) <= usable.Count).Select(t => (Target: t, Of(t).All)).ToList();
        page.Pictures(Curve("Mean size by coverage", "mean size", c => c.MeanSize, Show.Three),
            Curve("Sets of one label by coverage", "fraction of the rows", c => c.Single, Show.Percent));

        PredictionSetReport Of(double coverage)
        {
            var threshold = AdaptiveSets.Threshold(scores, coverage);
            return PredictionSetReport.Of(labels, [.. usable.Select(r => r.Truth)],
                [.. usable.Select(r => AdaptiveSets.Of(r.Probabilities, r.Unit, threshold))], coverage);
        }

        Picture Curve(string title, string what, Func<PredictionSetScores, double> value, Func<double, string> show)
        {
            var picture = new Picture(title, Axis.Linear("coverage", curve.Select(c => c.Target)),
                Axis.Linear(what, curve.Select(c => value(c.All)), fromZero: true));
            picture.Line(curve.Select(c => (c.Target, value(c.All))), new(0), dots: true);
            picture.Dots([(target, value(report.All))], new(0), size: 14);
            picture.Caption = $"{show(value(report.All))} at the coverage of {Show.Percent(target)} (the large dot).";
            picture.Description = string.Join("; ", curve.Select(c => $"{Show.Percent(c.Target)}: {show(value(c.All))}")) + ".";
            return picture;
        }
    }

    private static IReadOnlyList<TableCell> Line(PredictionSetScores s, bool strong) =>
    [
        s.Label, new(Show.Percent(s.Coverage), strong), new(Show.Three(s.MeanSize), strong), new(Show.Percent(s.Single), strong),
        new(Show.Whole(s.Rows), strong),
    ];

    /// <summary>Returns probabilities at another temperature than 1.</summary>
    private static double[] At(double temperature, double[] probabilities)
    {
        double[] powers = [.. probabilities.Select(p => Math.Pow(p, 1 / temperature))];
        var sum = powers.Sum();
        return sum > 0 ? [.. powers.Select(p => p / sum)] : probabilities;
    }

    /// <summary>A random fraction that follows from the text.</summary>
    private static double Unit(string text) => (double)(ulong)(TextKey.Exact(text, null) >> 75) / (1L << 53);
}
