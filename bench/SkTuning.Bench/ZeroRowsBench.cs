using System.Globalization;
using System.Text.Json.Nodes;
using SkTuning.Classifiers.SingleLabel;
using SkTuning.Metrics;
using SkTuning.Training;
using static TorchSharp.torch;

namespace SkTuning.Bench;

/// <summary>
/// Classifiers from the texts of their labels alone, on test rows: the accuracy of directions of unit length, and of those that a fit to rows starts from; the
/// temperature that fits the rows, and the calibration error without it. Prints a Markdown table; <c>--into FILE</c> inserts it between its markers.
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
            $"{Path.GetFileName(path)}, no training row, at most {limit} test rows: the accuracy, and that of the directions that a fit to rows starts from, "
                + "whose length is below 1 where the texts of a label differ. Then the temperature that fits the rows, as a divisor of cosines, and the "
                + "calibration errors with the divisor that is used without rows (0.05) and with the fitted one.",
            "",
            "| data | accuracy | start of a fit | fitted divisor | error without rows | error fitted |",
            "|---|---|---|---|---|---|",
        ];
        foreach (var (data, file, texts) in All.Where(a => ChildRun.Option(args, "--only") is not { } only || only == a.Data))
        {
            var rows = RowFile.Load(Path.Combine(shared, "data", data, file + ".tsv"));
            rows = rows.Count <= limit ? rows : Splits.Stratified(rows, (double)limit / rows.Count, 1).HeldOut;
            var options = new TextClassifierOptions { LabelDescriptions = Texts(texts, rows), Dev = rows };
            using var semantic = TextClassifier.FromDescriptions(model, options);
            using var blind = TextClassifier.FromDescriptions(model, options with { Dev = null });
            var divisor = semantic.Decision.Temperature / ((SemanticHead)semantic.Adapter.Tuned.Head).CosineScale;
            var (own, withoutRows, fitted) = (semantic.Report!.DevScore, Error(blind, rows), Error(semantic, rows));
            Start(blind);
            lines.Add(string.Create(CultureInfo.InvariantCulture,
                $"| {data} | {100 * own:F1} | {100 * blind.Evaluate(rows).Accuracy:F1} | {divisor:F3} | {withoutRows:F3} | {fitted:F3} |"));
            Console.Error.WriteLine(lines[^1]);
        }
        var text = string.Join('\n', lines);
        Console.WriteLine(text);
        if (ChildRun.Option(args, "--into") is { } into) MarkedText.Insert(into, "zero-rows", text);
        return 0;
    }

    /// <summary>Fits the head of a classifier to no row: it becomes the start of a fit.</summary>
    private static void Start(TextClassifier classifier)
    {
        var adapter = classifier.Adapter;
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var objective = new SingleLabelObjective(adapter.Labels);
        var fit = new SemanticFit(adapter.Tuned, (SemanticHead)adapter.Tuned.Head, objective, AdapterTraining.LabelTexts(adapter), adapter.Model.Device);
        var texts = fit.TextStates(CancellationToken.None);
        fit.Fit(zeros(0, texts[0].shape[1], dtype: ScalarType.Float64), [], texts, isFirst: false, CancellationToken.None);
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
