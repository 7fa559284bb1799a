using System.Diagnostics;
using System.Globalization;
using SkTuning.Onnx;

namespace SkTuning.Bench;

/// <summary>
/// Adapters with a part of the feed-forward units: test accuracy by the score that chose the units, and the time and memory of the smaller models beside the
/// whole one, in one run in which they take turns. Adapters are kept in a folder (<c>--cache</c>), from which a further run continues. Prints Markdown;
/// <c>--into FILE</c> inserts it between its markers.
/// </summary>
internal static class PruneBench
{
    private sealed record Cell(double Keep, PruningScore By, int Seed);

    private sealed record Times(double OneText, double PerText);

    public static int Run(string[] args)
    {
        var modelPath = Option("--model", Path.Combine("assets", "models", "tiny"));
        var (threads, rounds, count) = (Number("--threads", 1), Number("--rounds", 5), Number("--texts", 60));
        RuntimeSettings.Start(threads, fast: true);
        using var model = FrozenModel.Load(modelPath, new() { Device = "cpu" });
        var setup = Setup(args);
        double[] keeps = [.. Option("--keep", "1,0.75,0.5,0.25").Split(',').Select(k => double.Parse(k, CultureInfo.InvariantCulture))];
        PruningScore[] scores = [.. Option("--by", "attribution,activation,magnitude,random").Split(',').Select(s => Enum.Parse<PruningScore>(s, true))];
        var (seeds, cache) = (Number("--seeds", 3), Option("--cache", Path.Combine(Path.GetTempPath(), "sktuning-prune")));
        var method = Option("--method", "sk-prefix");
        var name = $"{Path.GetFileName(modelPath)}-{setup.Name}-{method}-{setup.Train.Count}";

        var cells = from keep in keeps
                    from score in keep == 1 ? [PruningScore.Attribution] : scores
                    from seed in Enumerable.Range(1, seeds)
                    select new Cell(keep, score, seed);
        var accuracy = new Dictionary<Cell, double>();
        foreach (var cell in cells)
        {
            using var adapter = Adapter(cell);
            accuracy[cell] = adapter.Evaluate(setup.Test).Accuracy;
            Console.Error.WriteLine(Invariant($"{name}: keep {cell.Keep}, {cell.By}, seed {cell.Seed}: {100 * accuracy[cell]:F1}"));
        }
        var description = model.Describe();
        List<string> lines =
        [
            Invariant($"{Path.GetFileName(modelPath)} ({description.Layers} layers, hidden size {description.Hidden}, ")
                + Invariant($"{model.Config.FeedForward.Size} units each), ")
                + Invariant($"{setup.Name}: {setup.Train.Count} training rows, {setup.Test.Count} test rows, method {method}, ")
                + $"{(seeds == 1 ? "one seed" : $"{seeds} seeds, mean and standard deviation")}; test accuracy by what chose the units:",
            "",
            $"| units kept | {string.Join(" | ", scores.Select(s => s.ToString().ToLowerInvariant()))} |",
            $"|---|{string.Concat(scores.Select(_ => "---|"))}",
            .. keeps.Select(k => Invariant($"| {100 * k:F0} % | ")
                + $"{string.Join(" | ", scores.Select((s, i) => k < 1 ? Accuracy(k, s) : i == 0 ? Accuracy(1, s) : ""))} |"),
            "",
        ];
        if (rounds > 0) lines.AddRange(Timed());
        var text = string.Join('\n', lines).TrimEnd('\n');
        Console.WriteLine(text);
        if (ChildRun.Option(args, "--into") is { } into) MarkedText.Insert(into, Option("--section", $"prune {Path.GetFileName(modelPath)}"), text);
        return 0;

        string Option(string option, string otherwise) => ChildRun.Option(args, option) ?? otherwise;

        int Number(string option, int otherwise) => int.Parse(ChildRun.Option(args, option) ?? $"{otherwise}", CultureInfo.InvariantCulture);

        string Accuracy(double keep, PruningScore by)
        {
            double[] all = [.. accuracy.Where(a => a.Key.Keep == keep && (keep == 1 || a.Key.By == by)).Select(a => 100 * a.Value)];
            var mean = all.Average();
            return all.Length == 1 ? Invariant($"{mean:F1}")
                : Invariant($"{mean:F1} ± {Math.Sqrt(all.Sum(a => (a - mean) * (a - mean)) / (all.Length - 1)):F1}");
        }

        TextClassifier Adapter(Cell cell)
        {
            var folder = Path.Combine(cache, Invariant($"{name}-{cell.Keep}-{(cell.Keep == 1 ? "" : cell.By)}-{cell.Seed}"));
            if (Directory.Exists(folder)) return TextClassifier.Load(folder, model);
            var trained = TextClassifier.Train(model, setup.Train, new()
            {
                Prompt = setup.Prompt,
                Method = TuningOptions.Create(method),
                Prune = cell.Keep == 1 ? null : new() { Keep = cell.Keep, By = cell.By, Rows = Number("--score-rows", 256) },
                Training = new() { Folds = 0, DevFraction = 0, Seed = (ulong)cell.Seed },
            });
            trained.Save(folder);
            return trained;
        }

        IEnumerable<string> Timed()
        {
            var adapters = keeps.Select(k => Adapter(new(k, PruningScore.Attribution, 1))).ToList();
            string[] texts = [.. setup.Test.Take(count).Select(r => r.Text)];
            var measured = adapters.Select(_ => new List<Times>()).ToList();
            foreach (var adapter in adapters) adapter.Predict(texts);                                                // the warm-up
            for (var round = 0; round < rounds; round++)
                for (var i = 0; i < adapters.Count; i++)
                {
                    var at = (i + round) % adapters.Count;
                    measured[at].Add(Measure(adapters[at], texts));
                }
            var whole = measured[0];
            yield return Invariant($"Time of the models of seed 1, which take turns in one run: {texts.Length} texts, medians of {rounds} rounds, {threads} ")
                + Invariant($"thread{(threads == 1 ? "" : "s")}; {Environment.ProcessorCount} cores, {DateTime.UtcNow:yyyy-MM-dd}.");
            yield return "";
            yield return "| units kept | one text | whole / pruned | a text of many in one call | whole / pruned | feed-forward weights | ONNX file, fp32 |";
            yield return "|---|---|---|---|---|---|---|";
            foreach (var (i, keep) in keeps.Index())
            {
                var weights = model.Transformer.Pruned([.. adapters[i].Definition.Pruning?.Kept ?? All()], model.Device, copiesAll: true);
                yield return Invariant($"| {100 * keep:F0} % | {Median(measured[i], t => t.OneText):F2} ms | ")
                    + Invariant($"{Median(whole, t => t.OneText) / Median(measured[i], t => t.OneText):F2} | {Median(measured[i], t => t.PerText):F2} ms | ")
                    + Invariant($"{Median(whole, t => t.PerText) / Median(measured[i], t => t.PerText):F2} | {weights.SlicedBytes / 1e6:F1} MB | ")
                    + Invariant($"{OnnxBytes(adapters[i]) / 1e6:F1} MB |");
                weights.Dispose();
            }
            foreach (var adapter in adapters) adapter.Dispose();
        }

        IEnumerable<int[]> All() => model.Transformer.InnerSizes.Select(size => Enumerable.Range(0, size).ToArray());
    }

    private static Times Measure(TextClassifier adapter, string[] texts)
    {
        var each = new double[texts.Length];
        for (var i = 0; i < texts.Length; i++)
        {
            var one = Stopwatch.GetTimestamp();
            adapter.Predict(texts[i]);
            each[i] = Stopwatch.GetElapsedTime(one).TotalMilliseconds;
        }
        var begin = Stopwatch.GetTimestamp();
        adapter.Predict(texts);
        return new(ChildRun.Median(each), Stopwatch.GetElapsedTime(begin).TotalMilliseconds / texts.Length);
    }

    private static long OnnxBytes(TextClassifier adapter)
    {
        var folder = Directory.CreateTempSubdirectory("prune-");
        try
        {
            OnnxExport.Write(adapter, Path.Combine(folder.FullName, "onnx"));
            return folder.EnumerateFiles("model.onnx*", SearchOption.AllDirectories).Sum(f => f.Length);
        }
        finally { folder.Delete(recursive: true); }
    }

    private sealed record Task(string Name, IReadOnlyList<Row> Train, IReadOnlyList<Row> Test, string Prompt);

    /// <summary>The bundled messages to a customer service, or reviews of sst2.</summary>
    private static Task Setup(string[] args)
    {
        var train = ChildRun.Option(args, "--rows") is { } rows ? int.Parse(rows, CultureInfo.InvariantCulture) : (int?)null;
        var test = ChildRun.Option(args, "--test-rows") is { } limit ? int.Parse(limit, CultureInfo.InvariantCulture) : (int?)null;
        string sst2 = Path.Combine("..", "shared", "data", "sst2"), support = Path.Combine("assets", "data", "support");
        return ChildRun.Option(args, "--data") is "sst2"
            ? new("sst2", Read(sst2, "train", train ?? 320), Read(sst2, "dev", test), "Is the movie review positive or negative? The review:")
            : new("support", Read(support, "train", train), Read(support, "test", test), "Classify the topic of the customer's message:");

        IReadOnlyList<Row> Read(string folder, string split, int? most)
            => RowFile.Load(Path.Combine(folder, split + ".tsv"), new() { Limit = most });
    }

    private static double Median(List<Times> times, Func<Times, double> of) => ChildRun.Median(times.Select(of));

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
