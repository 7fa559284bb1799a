using System.Diagnostics;
using System.Globalization;

namespace SkTuning.Bench;

/// <summary>
/// In-context classification with a memory of orders (POEM) and its controls: a random order, the best static one, and the most similar demonstration last; and
/// zero-shot without demonstrations. Prints a Markdown table of accuracies on test rows; <c>--into FILE</c> inserts it between its markers.
/// </summary>
internal static class InContextBench
{
    public static int Run(string[] args)
    {
        var shared = ChildRun.Option(args, "--shared") ?? Path.Combine("..", "shared");
        var (shots, tests) = (Number("--shots", 8), Number("--test-rows", 60));
        ulong[] seeds = [.. (ChildRun.Option(args, "--seeds") ?? "1").Split(',').Select(s => ulong.Parse(s, CultureInfo.InvariantCulture))];
        RuntimeSettings.Start(Number("--threads", 2), fast: true);
        var path = ChildRun.Option(args, "--model") ?? Path.Combine(shared, "models", "smollm2");
        using var model = FrozenModel.Load(path, new() { Device = "cpu" });
        var sst = Path.Combine(shared, "data", "sst2");
        var (pool, held) = (RowFile.Load(Path.Combine(sst, "train.tsv")), RowFile.Load(Path.Combine(sst, "dev.tsv")));
        var test = held.Count <= tests ? held : Splits.Stratified(held, (double)tests / held.Count, 1).HeldOut;
        var options = new InContextOptions
        {
            Template = "Review: {text}\nSentiment:",
            LabelWords = new Dictionary<string, string> { ["positive"] = "positive", ["negative"] = "negative" },
        };
        List<string> lines =
        [
            string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(path)}, SST-2, {shots} training rows per label of which 4 rows are the "
                + $"demonstrations, all 24 orders tried, {test.Count} test rows. Accuracy; in parentheses, the mean probability of the right label."),
            "",
            "| seed | zero-shot | random order | best static order | most similar last | memory | seconds |",
            "|---|---|---|---|---|---|---|",
        ];
        foreach (var seed in seeds)
        {
            var clock = Stopwatch.StartNew();
            var rows = Splits.KShot(pool, shots, seed);
            using var classifier = InContextClassifier.Train(model, rows, options with { Seed = seed });
            using var zero = TextClassifier.Train(model, rows,
                new() { Method = new ZeroShotOptions(), Template = options.Template, LabelWords = options.LabelWords, Dev = rows });
            List<string> cells = [Measured(zero.Predict(test))];
            foreach (var order in (DemonstrationOrder[])[DemonstrationOrder.Random, DemonstrationOrder.BestStatic, DemonstrationOrder.MostSimilarLast,
                DemonstrationOrder.Memory])
                cells.Add(Measured(classifier.Predict(test, order)));
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"| {seed} | {string.Join(" | ", cells)} | {clock.Elapsed.TotalSeconds:F0} |"));
            Console.Error.WriteLine(lines[^1]);
        }
        var text = string.Join('\n', lines);
        Console.WriteLine(text);
        if (ChildRun.Option(args, "--into") is { } into) MarkedText.Insert(into, "in-context", text);
        return 0;

        int Number(string name, int usual) => ChildRun.Option(args, name) is { } given ? int.Parse(given, CultureInfo.InvariantCulture) : usual;

        string Measured(IReadOnlyList<TextClassifierPrediction> predictions)
        {
            var pairs = predictions.Zip(test).ToList();
            return string.Create(CultureInfo.InvariantCulture,
                $"{100 * pairs.Average(p => p.First.Label == p.Second.Label ? 1.0 : 0):F1} ({pairs.Average(p => p.First.Scores[p.Second.Label]):F3})");
        }
    }
}
