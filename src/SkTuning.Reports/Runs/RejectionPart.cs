using System.Text.Json.Nodes;
using SkTuning.Reports.Formatting;
using SkTuning.Reports.Html;
using SkTuning.Reports.Pictures;

namespace SkTuning.Reports.Runs;

/// <summary>What the rule for texts out of scope is expected to do.</summary>
internal static class RejectionPart
{
    /// <summary>Adds the part if the run has a rule.</summary>
    public static void Add(Page page, JsonObject? report)
    {
        if (report?["rejection"] is not JsonObject rule) return;
        page.Section("Out of scope");
        var (rejected, outside) = (Number("inScopeRejected"), Number("outOfScopeRejected"));
        page.Text($"A text is out of scope if its score ({Values.Text(rule["score"])}) is above {Show.Number(Number("threshold"))}. On rows that were not "
            + $"trained on, {Show.Percent(rejected)} of those in scope are rejected, and the accuracy of the others is "
            + $"{Show.Percent(Number("answeredAccuracy"))} instead of {Show.Percent(Number("accuracy"))}."
            + (double.IsNaN(outside) ? "" : $" Of the rows out of scope, {Show.Percent(outside)} are rejected: AUROC {Show.Three(Number("auroc"))}, "
                + $"FPR at 95 % TPR {Show.Three(Number("falsePositiveRate"))}."));
        if (Curve(rule["curve"] as JsonArray ?? [], rejected) is { } curve) page.Pictures(curve);
        if (rule["candidates"] is JsonObject candidates && candidates.Count > 0)
        {
            page.Table(double.IsNaN(outside) ? "AUROC of each score, with some labels treated as out of scope in turn" : "AUROC of each score",
                ["Score", Column.Number("AUROC")],
                candidates.Select(c => (IReadOnlyList<TableCell>)[c.Key, Show.Three(Values.Number(c.Value))]));
        }

        double Number(string key) => Values.Number(rule[key]);
    }

    private static Picture? Curve(JsonArray points, double chosen)
    {
        var all = points.Select(p => (X: Values.Number(Values.In(p, "inScopeRejected")), Accuracy: Values.Number(Values.In(p, "answeredAccuracy")),
            Outside: Values.Number(Values.In(p, "outOfScopeRejected")))).Where(p => double.IsFinite(p.X)).OrderBy(p => p.X).ToList();
        List<(double, double)> accuracy = [.. all.Where(p => double.IsFinite(p.Accuracy)).Select(p => (p.X, p.Accuracy))];
        List<(double, double)> outside = [.. all.Where(p => double.IsFinite(p.Outside)).Select(p => (p.X, p.Outside))];
        if (accuracy.Count < 2) return null;
        var picture = new Picture("Rejection curve", Axis.Linear("rows in scope that are rejected", all.Select(p => p.X), fromZero: true),
            Axis.Linear("fraction", [.. accuracy.Select(p => p.Item2), .. outside.Select(p => p.Item2)]));
        picture.Line(accuracy, new(0));
        picture.Legend.Add(("accuracy of the others", new(0)));
        if (outside.Count > 1)
        {
            picture.Line(outside, new(1));
            picture.Legend.Add(("rows out of scope that are rejected", new(1)));
        }
        picture.Caption = "What other thresholds would give: to the right, more is rejected.";
        picture.Description = $"The threshold rejects {Show.Percent(chosen)} of the rows in scope. Accuracy of the others from "
            + $"{Show.Percent(accuracy[0].Item2)} to {Show.Percent(accuracy[^1].Item2)}.";
        return picture;
    }
}
