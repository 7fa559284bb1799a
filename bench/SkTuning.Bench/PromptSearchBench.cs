using System.Diagnostics;
using System.Globalization;

namespace SkTuning.Bench;

/// <summary>
/// Searches over texts with few rows, and compares what is written with the best that is found: a prompt, the texts of the labels, and an in-context prompt.
/// Dev is what the search measures, without training. Prints a Markdown table for each; <c>--into FILE</c> inserts them between their markers.
/// </summary>
internal static class PromptSearchBench
{
    private static readonly TextSearchStrategy[] Strategies = [TextSearchStrategy.Greedy, TextSearchStrategy.Bandit];

    public static int Run(string[] args)
    {
        RuntimeSettings.Start(int.Parse(ChildRun.Option(args, "--threads") ?? "2", CultureInfo.InvariantCulture), fast: true);
        var candidates = int.Parse(ChildRun.Option(args, "--candidates") ?? "32", CultureInfo.InvariantCulture);
        var only = ChildRun.Option(args, "--only")?.Split(',');
        foreach (var (name, head, test, other, run) in (IEnumerable<(string, string, int, string?, Func<FrozenModel, SearchData, IEnumerable<Found>>)>)
            [
                ("prompt-search", "The prompt of sk-prefix. Dev: cross-validation. Test: after training with each prompt.", 400, null, Prompts),
                ("label-search", "The texts of the labels of probe, as written a name and a definition each. Dev: cross-validation without the rows that can "
                    + "be texts. Test: after training with each set of texts.", 400, "minilm", Labels),
                ("in-context-search", "The in-context prompt of zero-shot, as written with 4 demonstrations. Dev: the training rows that cannot be "
                    + "demonstrations.", 100, "smollm2", InContext),
            ])
        {
            if (only is not null && !only.Contains(name)) continue;
            List<string> lines =
            [
                string.Create(CultureInfo.InvariantCulture, $"{head} 16 training rows per label, at most {ChildRun.Option(args, "--test-rows") ?? $"{test}"} "
                    + $"test rows, at most {candidates} candidates besides the written one. Accuracy."),
                "",
                "| data | model | seed | strategy | tried | seconds each | dev: written | dev: best | test: written | test: best | chosen |",
                "|---|---|---|---|---|---|---|---|---|---|---|",
            ];
            foreach (var data in SearchData.Draws(args, test))
            {
                var path = data.ModelPath(args, other);
                using var model = FrozenModel.Load(path, new() { Device = "cpu" });
                foreach (var found in run(model, data))
                {
                    lines.Add(string.Create(CultureInfo.InvariantCulture, $"| {data.Name} | {Path.GetFileName(path)} | {data.Seed} | {found.Strategy} "
                        + $"| {found.Tried} | {found.Seconds / found.Tried:F2} | {100 * found.Dev.Written:F1} | {100 * found.Dev.Best:F1} "
                        + $"| {100 * found.Test.Written:F1} | {100 * found.Test.Best:F1} | {(found.IsBetter ? "best" : "written")} |"));
                    Console.Error.WriteLine($"{lines[^1]} {found.Summary}");
                }
            }
            var text = string.Join('\n', lines);
            Console.WriteLine(text);
            if (ChildRun.Option(args, "--into") is { } into) MarkedText.Insert(into, name, text);
        }
        return 0;

        IEnumerable<Found> Prompts(FrozenModel model, SearchData data)
        {
            var options = Options(data) with { Prompt = data.Prompt, Method = new SkPrefixOptions() };
            return Each<string>(model, data, (session, strategy) => session.FindPrompt(data.Train, options,
                new() { Candidates = candidates, Strategy = strategy, Seed = data.Seed }), prompt => options with { Prompt = prompt });
        }

        IEnumerable<Found> Labels(FrozenModel model, SearchData data)
        {
            var options = Options(data) with { LabelDescriptions = data.Texts, Method = new ProbeOptions() };
            return Each<IReadOnlyDictionary<string, IReadOnlyList<string>>>(model, data, (session, strategy) => session.FindDescriptions(data.Train, options,
                new() { Candidates = candidates, Strategy = strategy, Seed = data.Seed }), texts => options with { LabelDescriptions = texts });
        }

        IEnumerable<Found> InContext(FrozenModel model, SearchData data)
        {
            var options = Options(data) with { Prompt = data.Prompt, Template = data.Template, Method = new ZeroShotOptions() };
            return Each<InContextPrompt>(model, data, (session, strategy) => session.FindInContext(data.Train, options,
                new() { Candidates = candidates, Strategy = strategy, Seed = data.Seed }), prompt => prompt.ApplyTo(options));
        }
    }

    private static TextClassifierOptions Options(SearchData data) => new() { Training = new() { Folds = 0, Seed = data.Seed } };

    private static IEnumerable<Found> Each<T>(FrozenModel model, SearchData data, Func<TrainingSession, TextSearchStrategy, TextSearchReport<T>> search,
        Func<T, TextClassifierOptions> with)
    {
        double? written = null;
        foreach (var strategy in Strategies)
        {
            using var session = new TrainingSession(model);
            var clock = Stopwatch.StartNew();
            var report = search(session, strategy);
            var seconds = clock.Elapsed.TotalSeconds;
            written ??= Test(report.Written.Candidate);
            yield return new(strategy, report.Trials.Count, seconds, (report.Written.Accuracy, report.Best.Accuracy),
                (written.Value, Test(report.Best.Candidate)), report.IsBetter, report.Summary);

            double Test(T candidate)
            {
                using var trained = TextClassifier.Train(session, data.Train, with(candidate));
                return trained.Evaluate(data.Test).Accuracy;
            }
        }
    }

    /// <summary>What a search has found.</summary>
    private sealed record Found(TextSearchStrategy Strategy, int Tried, double Seconds, (double Written, double Best) Dev, (double Written, double Best) Test,
        bool IsBetter, string Summary);
}
