using System.Globalization;
using System.Text.Json.Nodes;
using SkTuning.Metrics;

namespace SkTuning.Bench;

/// <summary>
/// Classifiers from the texts of their labels alone, on test rows: the accuracy of each head, the temperature that fits the rows, and the calibration error
/// without it. Prints a Markdown table; <c>--into FILE</c> inserts it between its markers.
/// </summary>
internal static class ZeroRowsBench
{
    private static readonly (string Data, string File, string? Texts)[] All =
    [
        ("ag_news", "test", "ag_news"), ("trec6", "test", "trec"), ("subj", "test", "subj"), ("sst2", "dev", "sst-2"), ("cr", "test", "cr"),
        ("emotion", "test", "emotion"), ("banking77", "test", null),
    ];

    public static int Run(string[] args)
    {
        var shared = ChildRun.Option(args, "--shared") ?? Path.Combine("..", "shared");
        var limit = int.Parse(ChildRun.Option(args, "--rows") ?? "2000", CultureInfo.InvariantCulture);
        RuntimeSettings.Start(int.Parse(ChildRun.Option(args, "--threads") ?? "1", CultureInfo.InvariantCulture), fast: true);
        var path = ChildRun.Option(args, "--model") ?? Path.Combine(shared, "models", "minilm");
        using var model = FrozenModel.Load(path, new() { Device = "cpu" });
        List<string> lines =
        [
            $"{Path.GetFileName(path)}, no training row, at most {limit} test rows. Calibration errors are those of the head semantic without a temperature, "
                + "with the one that is used without rows, and with the one that fits the rows.",
            "",
            "| data | semantic | label-texts | fitted temperature | error at 1 | without rows | fitted |",
            "|---|---|---|---|---|---|---|",
        ];
        foreach (var (data, file, texts) in All.Where(a => ChildRun.Option(args, "--only") is not { } only || only == a.Data))
        {
            var rows = RowFile.Load(Path.Combine(shared, "data", data, file + ".tsv"));
            rows = rows.Count <= limit ? rows : Splits.Stratified(rows, (double)limit / rows.Count, 1).HeldOut;
            var options = new TextClassifierOptions { LabelDescriptions = Texts(texts, rows), Dev = rows };
            using var semantic = TextClassifier.FromDescriptions(model, options);
            using var nearest = TextClassifier.FromDescriptions(model, options with { Head = new LabelTextsHeadOptions() });
            using var blind = TextClassifier.FromDescriptions(model, options with { Dev = null });
            using var plain = blind.WithDecision(new());
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"| {data} | {100 * semantic.Report!.DevScore:F1} | {100 * nearest.Report!.DevScore:F1} | "
                + $"{semantic.Decision.Temperature:F3} | {Error(plain, rows):F3} | {Error(blind, rows):F3} | {Error(semantic, rows):F3} |"));
            Console.Error.WriteLine(lines[^1]);
        }
        var text = string.Join('\n', lines);
        Console.WriteLine(text);
        if (ChildRun.Option(args, "--into") is { } into) MarkedText.Insert(into, "zero-rows", text);
        return 0;
    }

    /// <summary>Returns the texts of a file, or the names of the labels.</summary>
    private static Dictionary<string, IReadOnlyList<string>> Texts(string? file, IReadOnlyList<Row> rows)
    {
        if (file is null) return LabelSet.Of(rows).ToDictionary(l => l, l => (IReadOnlyList<string>)[l.Replace('_', ' ')]);
        var json = JsonNode.Parse(File.ReadAllText(Path.Combine("bench", "plans", "texts", file + ".json")))!.AsObject();
        return json.ToDictionary(p => p.Key, p => (IReadOnlyList<string>)[.. p.Value!.AsArray().Select(t => (string)t!)]);
    }

    private static double Error(TextClassifier classifier, IReadOnlyList<Row> rows)
    {
        double[][] probabilities = [.. classifier.Predict(rows).Select(p => p.Scores.Values.ToArray())];
        return ProbabilityMetrics.CalibrationError(classifier.Labels.IndicesOf(rows), probabilities);
    }
}
