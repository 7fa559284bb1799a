using System.CommandLine;
using System.Diagnostics;
using System.Text.Json.Nodes;
using SkTuning.Baselines;
using SkTuning.Metrics;
using SkTuning.Tool.Hosting;
using SkTuning.Tool.Output;

namespace SkTuning.Tool.Commands;

/// <summary>Tunes the embedded model on the embedded rows and compares it with baselines.</summary>
internal static class QuickstartCommand
{
    private const int Samples = 8;

    /// <summary>The method that <see cref="AutoOptions"/> chooses on the embedded model.</summary>
    private static readonly CompositeOptions Method = new() { Parts = [new SkPrefixOptions(), new LoraOptions()] };

    /// <summary>One line of the table: the mean over the seeds and its standard error.</summary>
    private sealed record Result(string Method, double[] Accuracies, long Parameters, double Seconds)
    {
        public double Mean => Accuracies.Average();

        /// <summary>The standard error of the mean over the seeds; NaN for a single seed.</summary>
        public double Error => Accuracies.Length < 2
            ? double.NaN
            : Math.Sqrt(Accuracies.Sum(a => (a - Mean) * (a - Mean)) / (Accuracies.Length - 1) / Accuracies.Length);

        public string Accuracy => double.IsNaN(Error) ? Screen.Percent(Mean) : $"{Screen.Percent(Mean)} ± {Screen.Percent(Error)}";
    }

    public static Command Create(Interruption interruption)
    {
        var command = new Command("quickstart", """
            Tune the embedded model on the embedded customer messages and compare it with baselines.

            Examples:
              sktuning quickstart
              sktuning quickstart --seeds 5
            """);
        var model = new ModelOptions().AddTo(command, withModel: false);
        var seeds = new Option<int>("--seeds")
        {
            Description = "The number of seeds to train with. With more than one, means and their standard errors are printed.",
            DefaultValueFactory = _ => 1,
        };
        seeds.AddRule(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 100) result.AddError("--seeds must be from 1 to 100.");
        });
        var target = new Option<string>("--out") { Description = "The folder to save the adapter to.", DefaultValueFactory = _ => "support-adapter" };
        var json = new Option<bool>("--json") { Description = "Print the result as JSON." };
        foreach (var option in (Option[])[seeds, target, json]) command.Add(option);
        command.SetAction(parsed =>
        {
            AdapterTarget.Require(parsed.GetValue(target)!);
            using var loaded = model.Load(parsed);
            var (train, test) = ((IReadOnlyList<Row>)[.. Rows("train"), .. Rows("dev")], Rows("test"));
            var (count, quiet) = (parsed.GetValue(seeds), parsed.GetValue(json));
            if (!quiet)
                Screen.Line($"Customer messages on 8 topics: {train.Count} for training, {test.Count} for testing. " +
                    $"The frozen model has {Screen.Number(loaded.Describe().Parameters)} parameters.");

            interruption.Finishes();
            var results = new List<Result> { Majority(train, test), TfIdf(train, test, interruption.Token) };
            results.AddRange([Head("linear probe", describes: false), Head("probe with label texts", describes: true)]);
            var (tuned, classifier) = Tuned("SkPrefix and LoRA with label texts", Method, describes: true);
            results.Add(tuned);
            using (classifier)
            {
                classifier.Save(parsed.GetValue(target)!);
                Show(results, classifier, test, parsed.GetValue(target)!, quiet);
            }
            return ExitCodes.Success;

            Result Head(string name, bool describes)
            {
                var (result, classifier) = Tuned(name, new ProbeOptions(), describes);
                classifier.Dispose();
                return result;
            }

            (Result, TextClassifier) Tuned(string name, TuningOptions method, bool describes)
            {
                var (accuracies, seconds, first) = (new double[count], 0.0, (TextClassifier?)null);
                for (var s = 0; s < count; s++)
                {
                    var options = Support.Options(method, describes, (ulong)(s + 1));
                    TextClassifier trained;
                    try
                    {
                        trained = TrainingDisplay.Show(quiet, count == 1 ? name : $"{name}, seed {s + 1}",
                            progress => TextClassifier.Train(loaded, train, options, progress, interruption.Token));
                    }
                    catch (TrainingCanceledException e)
                    {
                        using (e.Result)
                        {
                            if (method == Method) e.Result.Save(AdapterTarget.ForIncomplete(parsed.GetValue(target)!));
                        }
                        throw;
                    }
                    accuracies[s] = trained.Evaluate(test, interruption.Token).Accuracy;
                    seconds += trained.Report!.Seconds / count;
                    if (first is null) first = trained;
                    else trained.Dispose();
                }
                return (new(name, accuracies, first!.ParameterCount, seconds), first);
            }
        });
        return command;
    }

    private static IReadOnlyList<Row> Rows(string split) => RowFile.Load(ModelOptions.EmbeddedRows(split));

    private static Result Majority(IReadOnlyList<Row> train, IReadOnlyList<Row> test)
    {
        var label = MajorityClass.Train(train).Label;
        return new("majority class", [test.Count(r => r.Label == label) / (double)test.Count], 0, 0);
    }

    private static Result TfIdf(IReadOnlyList<Row> train, IReadOnlyList<Row> test, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        var classifier = TfIdfClassifier.Train(train, cancellationToken: cancellationToken);
        var seconds = clock.Elapsed.TotalSeconds;
        var report = ClassificationReport.Of([.. test.Select(r => r.Label)], [.. classifier.Predict(test).Select(p => p.Label)]);
        return new("TF-IDF + logistic regression", [report.Accuracy], classifier.Parameters, seconds);
    }

    private static void Show(List<Result> results, TextClassifier classifier, IReadOnlyList<Row> test, string folder, bool json)
    {
        var samples = Enumerable.Range(0, Samples).Select(i => test[i * test.Count / Samples]).ToList();
        var predictions = classifier.Predict([.. samples.Select(r => r.Text)]);
        if (json)
        {
            Screen.Json(new JsonObject
            {
                ["results"] = new JsonArray([.. results.Select(r => new JsonObject
                {
                    ["method"] = r.Method,
                    ["testAccuracy"] = r.Mean,
                    ["standardError"] = double.IsNaN(r.Error) ? null : r.Error,
                    ["testAccuracies"] = new JsonArray([.. r.Accuracies.Select(a => (JsonNode)a)]),
                    ["parameters"] = r.Parameters,
                    ["seconds"] = r.Seconds,
                })]),
                ["verdict"] = classifier.Report!.Verdict?.Summary,
                ["adapter"] = folder,
            });
            return;
        }
        Screen.Table(["Method", "Test accuracy", "Trained parameters", "Seconds"],
            results.Select(r => (string[])[r.Method, r.Accuracy, Screen.Number(r.Parameters), Screen.Seconds(r.Seconds)]));
        if (classifier.Report!.Verdict is { } verdict) Screen.Line(verdict.Summary);
        Screen.Table(["Message", "Topic", "Predicted", "Confidence"],
            samples.Zip(predictions, (row, p) => (string[])[row.Text, row.Label, p.Label, Screen.Percent(p.Confidence)]));
        Screen.Line($"Saved: {folder}");
        Screen.Try("predict", ["--adapter", folder, "where is my parcel?"]);
    }
}
