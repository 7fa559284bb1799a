using System.Diagnostics;
using System.Globalization;
using SkTuning.Baselines;

namespace SkTuning.Bench;

/// <summary>
/// Classification of generated sequences of units: a small language model is trained on sequences without labels, frozen, and tuned with few rows. The controls
/// are the same model with random weights, and units in random order. Prints a Markdown table; <c>--into FILE</c> inserts it between its markers.
/// </summary>
internal static class UnitsBench
{
    private static readonly UnitModelOptions Model = new() { Units = GeneratedUnits.Units, Layers = 3, Hidden = 96, Device = "cpu" };

    private sealed record Way(string Method, string Head, Func<IReadOnlyList<Row>, TextClassifierOptions> Options);

    public static int Run(string[] args)
    {
        var (sequences, steps, labels) = (Number(args, "--sequences", 4000), Number(args, "--steps", 600), Number(args, "--labels", 8));
        var (rows, testRows, seeds) = (Number(args, "--rows", 16), Number(args, "--test-rows", 50), Number(args, "--seeds", 3));
        RuntimeSettings.Start(Number(args, "--threads", 1), fast: true);
        var folder = Path.Combine(Path.GetTempPath(), "sktuning-units-" + Path.GetRandomFileName());
        try
        {
            var clock = Stopwatch.StartNew();
            var report = UnitModel.Pretrain(GeneratedUnits.Sequences(sequences, 1), folder, Model with { Steps = steps });
            var pretraining = clock.Elapsed.TotalSeconds;
            using var pretrained = FrozenModel.Load(folder, new() { Device = "cpu" });
            using var random = FrozenModel.Load(folder, new() { Device = "cpu", RandomWeights = Model.Seed });
            var test = GeneratedUnits.Rows(labels, testRows, 1000);
            List<string> lines =
            [
                string.Create(CultureInfo.InvariantCulture, $"A model of {pretrained.Describe().Parameters:N0} parameters, trained in {steps} steps on "
                    + $"{sequences:N0} generated sequences without labels: the loss of the next unit went from {Math.Log(GeneratedUnits.Units + 2):F2} "
                    + $"(knowing nothing) to {report.DevScore:F2} on sequences that were held out. Accuracy in percent on {test.Count} test rows, "
                    + $"{labels} labels, {rows} training rows per label, mean of {seeds} draws of training rows; chance is {100.0 / labels:F1}."),
                "",
                "| method | head | pretrained | random weights | pretrained, units in random order |",
                "|---|---|---|---|---|",
            ];
            var drawn = Enumerable.Range(1, seeds).Select(s => GeneratedUnits.Rows(labels, rows, (ulong)s)).ToList();
            var (shuffled, shuffledTest) = (drawn.Select(d => GeneratedUnits.Shuffled(d, 1)).ToList(), GeneratedUnits.Shuffled(test, 1));
            Add("counts of units and pairs", "TF-IDF, no model", "", Mean(drawn, d => Counts(d, test)), Mean(shuffled, d => Counts(d, shuffledTest)));
            foreach (var way in Ways(Number(args, "--epochs", 0)))
            {
                Add(way.Method, way.Head, Mean(drawn, d => Accuracy(pretrained, way, d, test)), Mean(drawn, d => Accuracy(random, way, d, test)),
                    Mean(shuffled, d => Accuracy(pretrained, way, d, shuffledTest)));
            }
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"pretraining {pretraining:F0} s, all {clock.Elapsed.TotalSeconds:F0} s"));
            var text = string.Join('\n', lines);
            Console.WriteLine(text);
            if (ChildRun.Option(args, "--into") is { } into) MarkedText.Insert(into, "units", text);
            return 0;

            void Add(params string[] cells)
            {
                lines.Add($"| {string.Join(" | ", cells)} |");
                Console.Error.WriteLine(lines[^1]);
            }
        }
        finally { if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true); }
    }

    private static IEnumerable<Way> Ways(int epochs)
    {
        TrainingOptions training = new() { Epochs = epochs == 0 ? null : epochs, Folds = 0 };
        (string Name, HeadOptions Head, string Template)[] heads =
        [
            ("linear", new LinearHeadOptions(), "{text}"), ("likelihood of a unit", new LikelihoodHeadOptions(), "{text} <s>"),
        ];
        yield return Of("probe", new ProbeOptions(), ("semantic", new SemanticHeadOptions(), "{text}"));
        yield return Of("probe", new ProbeOptions(), heads[0]);
        foreach (var head in heads)
        {
            yield return Of("prefix", new PrefixTuningOptions { Start = PrefixStart.Random, Tokens = 6 }, head);
            yield return Of("prompt", new PromptTuningOptions { Start = PromptStart.Vocabulary, Tokens = 6 }, head);
            yield return Of("lora", new LoraOptions(), head);
        }
        yield return Of("zero-shot", new ZeroShotOptions(), heads[1]);

        Way Of(string name, TuningOptions method, (string Name, HeadOptions Head, string Template) head) => new(name, head.Name, train => new()
        {
            Method = method, Head = head.Head, Template = head.Template, Training = training,
            LabelWords = head.Head is LikelihoodHeadOptions ? UnitLabels.ByFrequency(train) : null,
        });
    }

    private static double Accuracy(FrozenModel model, Way way, IReadOnlyList<Row> train, IReadOnlyList<Row> test)
    {
        using var classifier = TextClassifier.Train(model, train, way.Options(train));
        return classifier.Evaluate(test).Accuracy;
    }

    private static double Counts(IReadOnlyList<Row> train, IReadOnlyList<Row> test)
    {
        var classifier = TfIdfClassifier.Train(train);
        return classifier.Predict(test).Zip(test).Average(p => p.First.Label == p.Second.Label ? 1 : 0);
    }

    private static string Mean(IReadOnlyList<IReadOnlyList<Row>> draws, Func<IReadOnlyList<Row>, double> accuracy)
        => (100 * draws.Average(accuracy)).ToString("F1", CultureInfo.InvariantCulture);

    private static int Number(string[] args, string name, int usual)
        => ChildRun.Option(args, name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : usual;
}
