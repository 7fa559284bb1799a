using System.Globalization;
using SkTuning.Data;
using SkTuning.Decisions;
using SkTuning.Metrics;
using SkTuning.Training;

namespace SkTuning.Bench;

/// <summary>
/// Out-of-scope rejection on banking77: 57 of the 77 intents are trained, and the test rows of the other 20 are out of scope. Prints how well each score and
/// the chosen one separate them. The rule sees rows in scope only.
/// </summary>
internal static class OutOfScopeBench
{
    private const string Prompt = "Classify the intent of the bank customer's question:";

    public static int Run(string[] arguments)
    {
        var shared = ChildRun.Option(arguments, "--shared") ?? Path.Combine("..", "shared");
        var path = ChildRun.Option(arguments, "--model") ?? Path.Combine(shared, "models", "minilm");
        var (data, dump) = (ChildRun.Option(arguments, "--data") ?? "banking77", ChildRun.Option(arguments, "--dump"));
        var (perLabel, left, most) = (Number("--rows", 12), Number("--left-out", 20), Number("--test-rows", 10_000));
        var methods = (ChildRun.Option(arguments, "--only") ?? "probe,sk-prefix,lora").Split(',');
        RuntimeSettings.Start(Number("--threads", 1), fast: true);
        using var model = FrozenModel.Load(path, new() { Device = "cpu" });
        var folder = Path.Combine(shared, "data", data);
        var train = RowFile.Load(Path.Combine(folder, "train.tsv"));
        var labels = LabelSet.Of(train);
        // Evenly spread over the labels in ordinal order, which has nothing to do with their meaning.
        var (shift, neighbors) = (Number("--shift", 0), Number("--neighbors", new RejectionOptions().Neighbors));
        var outside = labels.Where((_, i) => IsLeftOut((i + shift) % labels.Count)).ToHashSet();
        var (rows, dev) = Chosen(train.Where(r => !outside.Contains(r.Label)), perLabel, Number("--dev-rows", 0), Number("--seed", 1));
        // For decisions about the product: other rows than those that the documentation is measured with.
        var used = rows.Concat(dev).Select(r => r.Text).ToHashSet();
        var test = arguments.Contains("--from-train") ? Shuffled([.. train.Where(r => !used.Contains(r.Text))], Number("--seed", 1))
            : RowFile.Load(Path.Combine(folder, "test.tsv"));
        var known = test.Where(r => !outside.Contains(r.Label)).Take(most).ToList();
        var unknown = test.Where(r => outside.Contains(r.Label)).Take(most).ToList();
        Console.WriteLine($"{data}: {labels.Count - outside.Count} labels with {perLabel} rows each, {known.Count} test rows in scope, {unknown.Count} of "
            + $"{outside.Count} other labels; {Path.GetFileName(path)}. AUROC / FPR at 95 % TPR.");
        Console.WriteLine();
        Console.WriteLine("| method | maximum probability | energy | Mahalanobis | nearest neighbors | chosen | rejected in scope | accuracy | if answered |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|");
        foreach (var method in methods)
        {
            using var classifier = TextClassifier.Train(model, rows, new()
            {
                Prompt = ChildRun.Option(arguments, "--prompt") ?? Prompt, Method = TuningOptions.Create(method), Dev = dev,
                Rejection = new() { Neighbors = neighbors }, Training = new() { Seed = (ulong)Number("--seed", 1) },
            });
            var adapter = classifier.Adapter;
            var (reference, inScope, others) = (Of(rows), Of(known), Of(unknown));
            if (dump is not null) Dump(dump, method, (reference, inScope, others));
            var (rule, report) = (classifier.Decision.Rejection!, classifier.Evaluate(known).Rejection!);
            var cells = Enum.GetValues<RejectionScore>().ToDictionary(s => s, s =>
            {
                var scorer = OutOfScopeScorer.Fit(s, reference, rule.Scorer.Temperature, neighbors);
                var (a, b) = (scorer.Of(inScope), scorer.Of(others));
                return string.Create(CultureInfo.InvariantCulture, $"{OutOfScopeMetrics.Auroc(a, b):F3} / {OutOfScopeMetrics.FalsePositiveRate(a, b):F3}");
            });
            var all = string.Join(" | ", cells.OrderBy(c => c.Key).Select(c => c.Value));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {method} | {all} | {rule.Score} {cells[rule.Score]} | "
                + $"{report.InScopeRejected:P1} | {report.Accuracy:F3} | {report.AnsweredAccuracy:F3} |"));
            var tried = rule.Report!.Candidates.OrderBy(c => c.Key).Select(c => string.Create(CultureInfo.InvariantCulture, $"{c.Key} {c.Value:F3}"));
            Console.Error.WriteLine($"{method}: expected {string.Join(", ", tried)}; {classifier.Report!.Seconds:F0} s; {classifier.Report.Verdict?.Summary}");

            ScoredRows Of(IReadOnlyList<Row> chosen) => RowFeatures.Of(adapter,
                [.. chosen.Select(r => adapter.Encoder.Encode(r.Text) with { Classes = [Math.Max(0, adapter.Labels.IndexOf(r.Label))] })], default);
        }
        return 0;

        bool IsLeftOut(int label) => (label + 1) * left / labels.Count > label * left / labels.Count;

        int Number(string name, int orElse) => ChildRun.Option(arguments, name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : orElse;
    }

    /// <summary>Returns some rows of each label to train on, and some others, at random.</summary>
    private static (IReadOnlyList<Row> Rows, IReadOnlyList<Row> Dev) Chosen(IEnumerable<Row> rows, int perLabel, int devPerLabel, int seed)
    {
        var random = new Shuffler((ulong)seed);
        var labels = rows.GroupBy(r => r.Label).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g =>
        {
            var all = g.ToArray();
            random.Shuffle<Row>(all);
            return all;
        }).ToArray();
        return ([.. labels.SelectMany(l => l.Take(perLabel))], [.. labels.SelectMany(l => l.Skip(perLabel).Take(devPerLabel))]);
    }

    private static Row[] Shuffled(Row[] rows, int seed)
    {
        new Shuffler((ulong)seed).Shuffle<Row>(rows);
        return rows;
    }

    private static void Dump(string folder, string method, (ScoredRows, ScoredRows, ScoredRows) rows)
    {
        Directory.CreateDirectory(folder);
        foreach (var (name, part) in new[] { ("train", rows.Item1), ("in", rows.Item2), ("out", rows.Item3) })
        {
            File.WriteAllBytes(Path.Combine(folder, $"{method}-{name}-scores.f32"), [.. part.Scores.Values.SelectMany(BitConverter.GetBytes)]);
            File.WriteAllBytes(Path.Combine(folder, $"{method}-{name}-features.f32"), [.. part.Features!.Values.SelectMany(BitConverter.GetBytes)]);
            File.WriteAllLines(Path.Combine(folder, $"{method}-{name}-classes.txt"), part.Classes.Select(c => c.ToString(CultureInfo.InvariantCulture)));
        }
    }
}
