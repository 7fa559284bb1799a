using System.Globalization;

namespace SkTuning.Bench;

/// <summary>
/// Searches for a prompt with few rows, and trains with the written one and with the best one found: cross-validation and test rows. Prints a Markdown table;
/// <c>--into FILE</c> inserts it between its markers.
/// </summary>
internal static class PromptSearchBench
{
    private const string Support = "support";

    public static int Run(string[] args)
    {
        var shared = ChildRun.Option(args, "--shared") ?? Path.Combine("..", "shared");
        var candidates = int.Parse(ChildRun.Option(args, "--candidates") ?? "32", CultureInfo.InvariantCulture);
        var limit = int.Parse(ChildRun.Option(args, "--rows") ?? "400", CultureInfo.InvariantCulture);
        RuntimeSettings.Start(int.Parse(ChildRun.Option(args, "--threads") ?? "2", CultureInfo.InvariantCulture), fast: true);
        var path = ChildRun.Option(args, "--model") ?? Path.Combine("assets", "models", "tiny");
        using var model = FrozenModel.Load(path, new() { Device = "cpu" });
        List<string> lines =
        [
            $"{Path.GetFileName(path)}, 16 training rows a label, at most {limit} test rows, sk-prefix, {candidates} prompts besides the written "
                + "one. Accuracy by cross-validation of the untrained adapter (dev, from which the best one was chosen), and on test rows after "
                + "training with each prompt.",
            "",
            "| data | seed | strategy | tried | dev: written | dev: best | test: written | test: best | used |",
            "|---|---|---|---|---|---|---|---|---|",
        ];
        foreach (var (data, seed) in (IEnumerable<(string, ulong)>)[(Support, 1), (Support, 2), ("sst-2", 1), ("sst-2", 2), ("sst-2", 3)])
        {
            var (train, test, prompt) = Rows(data, shared, seed);
            test = test.Count <= limit ? test : Splits.Stratified(test, (double)limit / test.Count, 1).HeldOut;
            var options = new TextClassifierOptions { Prompt = prompt, Method = new SkPrefixOptions(), Training = new() { Folds = 0, Seed = seed } };
            using var session = new TrainingSession(model);
            var written = Test(prompt);
            foreach (var strategy in (PromptSearchStrategy[])[PromptSearchStrategy.Greedy, PromptSearchStrategy.Bandit])
            {
                var found = session.FindPrompt(train, options, new() { Candidates = candidates, Strategy = strategy, Seed = seed });
                lines.Add(string.Create(CultureInfo.InvariantCulture, $"| {data} | {seed} | {strategy} | {found.Trials.Count} "
                    + $"| {100 * found.Written.Accuracy:F1} | {100 * found.Best.Accuracy:F1} | {100 * written:F1} | {100 * Test(found.Best.Prompt):F1} "
                    + $"| {(found.IsBetter ? "best" : "written")} |"));
                Console.Error.WriteLine($"{lines[^1]} {found.Best.Prompt}");
            }

            double Test(string with)
            {
                using var trained = TextClassifier.Train(session, train, options with { Prompt = with });
                return trained.Evaluate(test).Accuracy;
            }
        }
        var text = string.Join('\n', lines);
        Console.WriteLine(text);
        if (ChildRun.Option(args, "--into") is { } into) MarkedText.Insert(into, "prompt-search", text);
        return 0;
    }

    private static (IReadOnlyList<Row> Train, IReadOnlyList<Row> Test, string Prompt) Rows(string data, string shared, ulong seed)
    {
        if (data == Support)
        {
            var folder = Path.Combine("assets", "data", "support");
            return (Splits.KShot(RowFile.Load(Path.Combine(folder, "train.tsv")), 16, seed), RowFile.Load(Path.Combine(folder, "test.tsv")),
                "Classify the topic of the customer's message:");
        }
        var sst = Path.Combine(shared, "data", "sst2");
        return (Splits.KShot(RowFile.Load(Path.Combine(sst, "train.tsv")), 16, seed), RowFile.Load(Path.Combine(sst, "dev.tsv")),
            "Classify the sentiment of the movie review:");
    }
}
