using System.Globalization;
using SkTuning.Compare;

namespace SkTuning.Bench;

/// <summary>
/// Every method on the same rows of sst2, on MiniLM (an encoder) and on the embedded model (causal): three learning rates around each method's default,
/// selection on the dev rows, a single test of the selected trial. Prints a Markdown table; <c>--into FILE</c> inserts it between the two markers of the
/// file. This is a comparison as run by <c>sktuning compare</c>: finished trials are kept in <c>--cache FOLDER</c>, so that an interrupted run can be
/// resumed.
/// </summary>
internal static class MethodsBench
{
    private const string Prompt =
        "Classify the sentence from a film review as positive or negative: is the author pleased with the film or disappointed by it?";

    /// <summary>Variants to compare with the methods' defaults.</summary>
    private static readonly PlanMethod[] Others =
    [
        new() { Name = "prefix, random start", Method = "prefix", Settings = new Dictionary<string, string> { ["start"] = "Random" } },
        new() { Method = "sk-prefix+lora" },
        new() { Name = "sk-prefix, random words", Method = "sk-prefix", Settings = new Dictionary<string, string> { ["promptWords"] = "Random" } },
    ];

    public static int Run(string[] args)
    {
        var shared = Value("--shared") ?? Path.Combine("..", "shared");
        var (rows, epochs, devRows, testRows) = (Number("--rows", 2000), Number("--epochs", 1), Number("--dev-rows", 400), Number("--test-rows", 800));
        var (threads, cache) = (Number("--threads", 2), Value("--cache") ?? Path.Combine("artifacts", "methods"));
        if (!Directory.Exists(Path.Combine(shared, "data", "sst2")))
        {
            Console.Error.WriteLine($"{shared}: contains no data sets, expected a folder with data/sst2 (--shared FOLDER).");
            return 1;
        }
        RuntimeSettings.Start(threads, fast: true);
        Directory.CreateDirectory(cache);
        // The runner uses all dev rows of a file for selection, so fewer dev rows require a shorter file.
        var dev = Path.Combine(cache, $"dev-{devRows}.tsv");
        File.WriteAllLines(dev, File.ReadLines(Path.Combine(shared, "data", "sst2", "dev.tsv")).Take(devRows + 1));
        var methods = MethodPlan().Where(m => Value("--only") is not { } only || m.Title == only).ToList();
        var precision = Enum.Parse<Precision>(Value("--precision") ?? nameof(Precision.Float32), ignoreCase: true);
        (string Name, string Path, Precision Precision)[] models =
        [
            ("minilm", Path.Combine(shared, "models", "minilm"), precision),
            ("tiny", Path.Combine("assets", "models", "tiny"), Precision.Float32),
        ];
        var results = models.Select(m => ComparisonRunner.Run(Plan(m.Path, m.Precision), Path.Combine(cache, m.Name), new Told(m.Name))).ToList();

        var lines = new List<string>
        {
            $"sst2, {rows} training rows, {devRows} dev rows, {testRows} test rows, at most 64 tokens, {epochs} epoch{(epochs == 1 ? "" : "s")} of " +
                $"{results[0].Setup.BatchSize} rows, one seed; minilm in {results[0].Setup.Precision} ({Million(results[0])}), " +
                $"tiny in {results[1].Setup.Precision} ({Million(results[1])}). " +
                "Each method with three learning rates: one third of its default, the default and three times the default (the rate selected on dev is given " +
                $"in parentheses). Methods without a learning rate are trained once. {results[0].Machine.Processor}, {threads} threads. " +
                "`dotnet run -c Release --project bench/SkTuning.Bench -- methods --into docs/methods.md`. " +
                "With one seed, differences below two points are not significant.",
            "",
            $"| method |{string.Concat(models.Select(m => $" {m.Name}: test accuracy | parameters | s per step | adapter |"))}",
            $"|---|{string.Concat(models.Select(_ => "---|---|---|---|"))}",
        };
        lines.AddRange(methods.Select(m => $"| {(m.Name is null ? $"`{m.Method}`" : m.Name)} " +
            $"|{string.Concat(results.Select(r => Cells(r.Summaries.First(s => s.Method == m.Title))))}"));
        var table = string.Join('\n', lines);
        Console.WriteLine(table);
        if (Value("--into") is { } into) MarkedText.Insert(into, "methods", table);
        return 0;

        ComparisonPlan Plan(string model, Precision precision) => new()
        {
            Name = "methods",
            Model = model,
            Device = "cpu",
            Precision = precision,
            Threads = threads,
            Seeds = [1],
            Epochs = epochs,
            BatchSize = 16,
            MaxTokens = 64,
            DataSets =
            [
                new()
                {
                    Name = "sst2",
                    Prompt = Prompt,
                    Train = Path.Combine(shared, "data", "sst2", "train.tsv"),
                    Dev = dev,
                    Test = Path.Combine(shared, "data", "sst2", "test.tsv"),
                    Limit = rows,
                    TestLimit = testRows,
                },
            ],
            Methods = methods,
        };

        string? Value(string name) => Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;
        int Number(string name, int orElse) => Value(name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : orElse;
    }

    /// <summary>The baselines, every method of the library (including ones added later), and the variants.</summary>
    private static IEnumerable<PlanMethod> MethodPlan()
        => [new() { Method = "majority" }, new() { Method = "tfidf" }, .. TuningOptions.Names.Select(n => new PlanMethod { Method = n }), .. Others];

    private static string Cells(ComparisonSummary s)
    {
        // such as authors-bert, which is for encoders, on a causal model
        if (s.Mean is not { } accuracy) return " - | - | - | - |";
        var rate = s.Rates.Count > 0 ? string.Create(CultureInfo.InvariantCulture, $" ({s.Rates[0]:0.#####})") : "";
        return string.Create(CultureInfo.InvariantCulture,
            $" {accuracy:F3}{rate} | {s.Parameters:N0} | {(s.SecondsPerStep is { } step ? step.ToString("F3", CultureInfo.InvariantCulture) : "-")} | " +
            $"{(s.AdapterBytes > 0 ? $"{s.AdapterBytes / 1024:N0} KiB" : "-")} |");
    }

    private static string Million(ComparisonResult result)
        => string.Create(CultureInfo.InvariantCulture, $"{result.Setup.ModelParameters / 1e6:F1} M parameters");

    /// <summary>Prints one line per trial, with the reason if it failed.</summary>
    private sealed class Told(string model) : IProgress<ComparisonProgress>
    {
        public void Report(ComparisonProgress value)
        {
            if (value.Trial is not { } t) return;
            var outcome = t.Error ?? string.Create(CultureInfo.InvariantCulture, $"dev {t.DevScore:F3}, {t.Seconds:F0} s");
            var left = value.Remaining is { } remaining ? string.Create(CultureInfo.InvariantCulture, $"; about {remaining.TotalMinutes:F0} min left") : "";
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{model} {value.Done}/{value.Total} {t.Method} {t.Rate}: {outcome}{left}"));
        }
    }
}
