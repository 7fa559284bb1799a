using System.Globalization;
using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Classifiers.SingleLabel;
using SkTuning.Data;
using SkTuning.Decisions;
using SkTuning.Metrics;
using SkTuning.Training;
using static TorchSharp.torch;

namespace SkTuning.Bench;

/// <summary>
/// Prediction sets on real data: the head alone on states that are computed once, trained on random rows. Other rows of the same file calibrate the sets, or a
/// cross-validation of the training rows does, and the remaining rows measure them. Prints a Markdown table with the means of many random splits and their
/// standard errors, for the sets that users get and for those that may be empty.
/// </summary>
internal static class SetsBench
{
    private const int Pool = 8000, TestRows = 4000;
    private static readonly int[] DevRows = [100, 500];

    /// <summary>What was measured on a split.</summary>
    private sealed record Measured(double Coverage, double Size, double Single, double Exact, double OnTestFile);

    public static int Run(string[] args)
    {
        var shared = ChildRun.Option(args, "--shared") ?? Path.Combine("..", "shared");
        var (splits, trained) = (Number("--splits", 20), Number("--rows", 1000));
        double[] targets = [.. (ChildRun.Option(args, "--coverage") ?? "0.9,0.95").Split(',').Select(t => double.Parse(t, CultureInfo.InvariantCulture))];
        string[] data = ChildRun.Option(args, "--only") is { } only ? [only] : ["ag_news", "banking77", "trec6"];
        RuntimeSettings.Start(Number("--threads", 1), fast: true);
        var path = ChildRun.Option(args, "--model") ?? Path.Combine(shared, "models", "minilm");
        using var model = FrozenModel.Load(path, new() { Device = "cpu" });
        var lines = new List<string>();
        lines.Add($"{Path.GetFileName(path)}, head alone, {trained} training rows, {splits} random splits: means, with the standard error of the mean "
            + "over the splits for the coverage. A mean that misses its target by more than two standard errors is marked with !: below it for the sets of "
            + "users, on either side for the sets that may be empty. The last column is the coverage of the sets of users on the rows of the test file, "
            + "which need not be like those of the training file.");
        lines.Add("");
        lines.Add("| data | calibrated on | target | coverage | mean size | single answers | with empty sets | test file |");
        lines.Add("|---|---|---|---|---|---|---|---|");
        foreach (var name in data) lines.AddRange(Table(model, Path.Combine(shared, "data", name), name, targets, splits, trained));
        var text = string.Join('\n', lines);
        Console.WriteLine(text);
        if (ChildRun.Option(args, "--into") is { } into) MarkedText.Insert(into, "sets", text);
        return 0;

        int Number(string name, int orElse) => ChildRun.Option(args, name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : orElse;
    }

    private static IReadOnlyList<string> Table(FrozenModel model, string folder, string name, double[] targets, int splits, int trained)
    {
        var (all, test) = (RowFile.Load(Path.Combine(folder, "train.tsv")), RowFile.Load(Path.Combine(folder, "test.tsv"), new() { Limit = 2000 }));
        var rows = all.Count <= Pool ? all : Chosen(all, Pool);
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var task = (SingleLabelTask)TaskKinds.Get(SingleLabelTask.TaskName);
        var options = new TextClassifierOptions { Method = new ProbeOptions(), Head = new SemanticHeadOptions() };
        var definition = AdapterPlan.Create(model, options, SingleLabelTask.Untrained, LabelSet.Of(rows));
        using var adapter = new AdapterModel(model, definition);
        var fit = new SemanticFit(adapter.Tuned, (SemanticHead)adapter.Tuned.Head, task.CreateObjective(definition.Task, adapter.Labels, 0),
            AdapterTraining.LabelTexts(adapter), model.Device);
        EncodedRow[] encoded =
        [
            .. task.EncodeAll(adapter, rows, "train", CancellationToken.None), .. task.EncodeAll(adapter, test, "test", CancellationToken.None),
        ];
        var (states, texts) = (fit.States(encoded, TokenBatch.Of, mayShare: false, CancellationToken.None), fit.TextStates(CancellationToken.None));
        int[] testFile = [.. Enumerable.Range(rows.Count, test.Count)];
        var results = new Dictionary<(string Rows, double Target), List<Measured>>();
        for (var split = 1; split <= splits; split++)
        {
            using var inner = NewDisposeScope();
            var seeded = definition with { Seed = (ulong)split };
            var order = Enumerable.Range(0, rows.Count).ToArray();
            new Shuffler((ulong)split).Shuffle<int>(order);
            int[] train = order[..trained], rest = order[trained..], held = rest[DevRows.Max()..Math.Min(rest.Length, DevRows.Max() + TestRows)];
            var parts = Folds.Of(Rows(train), Folds.Usual, (ulong)split);
            var outOfFold = zeros(trained, adapter.Labels.Count);
            foreach (var part in parts)
            {
                Fit([.. train.Where((_, i) => !part.Contains(i))]);
                outOfFold.index_copy_(0, tensor(part.Select(i => (long)i).ToArray()), Scores([.. part.Select(i => train[i])]));
            }
            Fit(train);
            var (heldScores, testScores) = (Scores(held), Scores(testFile));
            foreach (var target in targets)
            {
                foreach (var count in DevRows) Add($"{count} dev rows", target, Scores(rest[..count]), Rows(rest[..count]));
                Add("cross-validation", target, outOfFold, Rows(train));
            }

            void Add(string what, double target, Tensor scores, IReadOnlyList<EncodedRow> from)
            {
                var decided = (SingleLabelSettings)task.Decide(options with { Coverage = target }, seeded, scores, from);
                var sets = decided.Decision.Sets!;
                var (users, exact) = (Sets(sets, heldScores, held, false), Sets(sets, heldScores, held, true));
                if (!results.TryGetValue((what, target), out var list)) results[(what, target)] = list = [];
                list.Add(new(Covered(users, held), users.Average(s => s.Length), users.Average(s => s.Length == 1 ? 1.0 : 0), Covered(exact, held),
                    Covered(Sets(sets, testScores, testFile, false), testFile)));
            }

            int[][] Sets(PredictionSets sets, Tensor scores, int[] of, bool mayBeEmpty)
                => [.. SetCalibration.Probabilities(scores, sets.Temperature).Zip(of, (p, i)
                    => AdaptiveSets.Of(p, SetFraction.Of(encoded[i], seeded.Seed), sets.Threshold, mayBeEmpty))];
        }
        string[] kinds = [.. DevRows.Select(d => $"{d} dev rows"), "cross-validation"];
        return [.. targets.SelectMany(target => kinds.Select(kind => Line(name, kind, target, results[(kind, target)])))];

        void Fit(int[] of) => fit.Fit(Of(of), Rows(of), texts, isFirst: true, CancellationToken.None);

        Tensor Scores(int[] of) => adapter.Tuned.Readout(Of(of).to_type(ScalarType.Float32)).cpu();

        Tensor Of(int[] of) => states.index_select(0, tensor(of.Select(i => (long)i).ToArray()));

        IReadOnlyList<EncodedRow> Rows(int[] of) => [.. of.Select(i => encoded[i])];

        double Covered(int[][] sets, int[] of) => sets.Zip(of).Average(s => s.First.Contains(encoded[s.Second].Classes[0]) ? 1.0 : 0);
    }

    private static string Line(string name, string kind, double target, List<Measured> of)
    {
        var ((users, usersError), (exact, exactError)) = (Mean(of, m => m.Coverage), Mean(of, m => m.Exact));
        var (low, off) = (users < target - 2 * usersError ? " !" : "", Math.Abs(exact - target) > 2 * exactError ? " !" : "");
        return string.Create(CultureInfo.InvariantCulture, $"| {name} | {kind} | {target} | {users:F4} ± {usersError:F4}{low} | "
            + $"{of.Average(m => m.Size):F2} | {100 * of.Average(m => m.Single):F1} % | "
            + $"{exact:F4} ± {exactError:F4}{off} | {of.Average(m => m.OnTestFile):F4} |");
    }

    private static (double Mean, double Error) Mean(List<Measured> of, Func<Measured, double> value)
    {
        var mean = of.Average(value);
        return (mean, Math.Sqrt(of.Sum(m => Math.Pow(value(m) - mean, 2)) / Math.Max(1, of.Count - 1) / of.Count));
    }

    private static IReadOnlyList<Row> Chosen(IReadOnlyList<Row> rows, int count)
    {
        var order = Enumerable.Range(0, rows.Count).ToArray();
        new Shuffler(1).Shuffle<int>(order);
        return [.. order[..count].Order().Select(i => rows[i])];
    }
}
