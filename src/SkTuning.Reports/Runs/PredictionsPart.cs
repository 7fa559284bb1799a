using System.Text.Json.Nodes;
using SkTuning.Reports.Html;
using SkTuning.Training.Runs;

namespace SkTuning.Reports.Runs;

/// <summary>Reads the dev predictions of a run and adds the part of the report for its task.</summary>
internal static class PredictionsPart
{
    public static void Add(Page page, RunFolder run)
    {
        if (run.Predictions.Count == 0)
        {
            page.Section("Predictions");
            page.Text("There are no predictions yet. They are written when the run ends.");
            return;
        }
        var row = VerdictPart.IsCrossValidated(run.Report) ? "cross-validated row" : "dev row";
        string[] labels = Values.Texts(run.Config["labels"]) ?? [];
        switch (Values.Text(run.Config["task"]))
        {
            case null or "single-label": Show(run, Label(labels), rows => SingleLabel(page, run, labels, rows, row)); break;
            case "ordinal": Show(run, Level(labels), rows => OrdinalPart.Add(page, labels, rows, row)); break;
            case "multi-label": Show(run, Labels(labels), rows => MultiLabelPart.Add(page, labels, rows, row)); break;
            case "regression": Show(run, Number, rows => RegressionPart.Add(page, rows, row)); break;
            case "tokens": Show(run, Tags, rows => TokenPart.Add(page, labels, rows)); break;
            case var other: run.Gap($"The predictions are for the task \"{other}\", which this version does not support."); break;
        }
    }

    private static void SingleLabel(Page page, RunFolder run, string[] labels, IReadOnlyList<LabeledRow> rows, string row)
    {
        SingleLabelPart.Add(page, labels, rows, row);
        SetsPart.Add(page, run.Report?["decision"], labels, rows, row);
    }

    /// <summary>Shows the predictions that can be read and reports how many cannot.</summary>
    private static void Show<T>(RunFolder run, Func<JsonObject, T?> read, Action<IReadOnlyList<T>> show) where T : class
    {
        List<T> rows = [.. run.Predictions.Select(read).OfType<T>()];
        var invalid = run.Predictions.Count - rows.Count;
        if (invalid > 0) run.Gap($"{RunFiles.Predictions}: {invalid} of {run.Predictions.Count} lines are not valid predictions for the task and are ignored.");
        if (rows.Count > 0) show(rows);
    }

    private static string Text(JsonObject line) => Examples.Join(Values.Text(line["text"]), Values.Text(line["text2"]));

    private static Func<JsonObject, LabeledRow?> Label(string[] labels)
        => line => Values.Text(line["label"]) is { } label && Values.Text(line["predicted"]) is { } predicted
            ? new(Text(line), label, predicted, Values.Number(line["confidence"]), Scores(line, labels))
            : null;

    private static Func<JsonObject, LeveledRow?> Level(string[] labels) => line =>
    {
        var (level, predicted) = (Array.IndexOf(labels, Values.Text(line["label"])), Array.IndexOf(labels, Values.Text(line["predicted"])));
        var expected = Values.Number(line["expectedLevel"]) - 1;
        return level >= 0 && predicted >= 0 && double.IsFinite(expected)
            ? new(Text(line), level, predicted, expected, Values.Number(line["confidence"])) : null;
    };

    private static Func<JsonObject, MultiLabeledRow?> Labels(string[] labels) => line =>
    {
        if (Values.Texts(line["label"]) is not { } truth || Values.Texts(line["predicted"]) is not { } predicted) return null;
        var scores = Scores(line, labels);
        if (truth.Concat(predicted).Except(labels).Any() || scores.Any(double.IsNaN)) return null;
        return new(Text(line), [.. labels.Select(l => truth.Contains(l))], [.. labels.Select(l => predicted.Contains(l))], scores);
    };

    private static ScoredRow? Number(JsonObject line)
    {
        var (label, predicted) = (Values.Number(line["label"]), Values.Number(line["predicted"]));
        return double.IsFinite(label) && double.IsFinite(predicted) ? new(Text(line), label, predicted) : null;
    }

    private static TaggedRow? Tags(JsonObject line)
        => Values.Texts(line["words"]) is { } words && Values.Texts(line["label"]) is { } tags && Values.Texts(line["predicted"]) is { } predicted
            && words.Length == tags.Length && tags.Length == predicted.Length
            ? new(words, tags, predicted)
            : null;

    private static double[] Scores(JsonObject line, string[] labels)
        => line["scores"] is JsonObject scores ? [.. labels.Select(l => Values.Number(scores[l]))] : [.. labels.Select(_ => double.NaN)];
}
