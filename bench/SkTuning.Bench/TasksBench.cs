using System.Globalization;
using SkTuning.Diagnostics;

namespace SkTuning.Bench;

/// <summary>
/// Every task on real data: SkPrefix, the linear probe and LoRA, trained once each with the defaults of the method. The dev rows select the epoch, and the
/// result is measured once on the test rows (on the dev rows if there are no test rows). Prints a Markdown table for each model; <c>--into FILE</c> inserts
/// it between the model's two markers in the file. Finished lines are kept in <c>--cache FOLDER</c>, so that an interrupted run can be resumed.
/// </summary>
internal static class TasksBench
{
    private static readonly string[] Methods = ["probe", "sk-prefix", "lora"];

    /// <summary>The files of a data set, in the order of comparison.</summary>
    private static readonly string[] Parts = ["train", "dev", "test"];

    /// <summary>A data set, with its task and the evaluation of a training.</summary>
    private sealed record Job(string Data, string Prompt, string Measure, Func<FrozenModel, Setup, (double Score, TunedAdapter Adapter)> Run);

    /// <summary>One training.</summary>
    private sealed record Setup(string Folder, int Rows, TuningOptions Method, TrainingOptions Training, string Prompt)
    {
        public T Fill<T>(T options) where T : AdapterOptions => (T)((AdapterOptions)options with { Method = Method, Training = Training, Prompt = Prompt });

        public bool HasTest => File.Exists(Path.Combine(Folder, "test.tsv"));

        private (IReadOnlyList<T> Train, IReadOnlyList<T> Dev, IReadOnlyList<T> Test) Split<T>(Func<string, int?, IReadOnlyList<T>> read,
            Func<IReadOnlyList<T>, (IReadOnlyList<T>, IReadOnlyList<T>)> hold)
        {
            string File(string name) => Path.Combine(Folder, name + ".tsv");
            if (!HasTest) return (read(File("train"), Rows), read(File("dev"), 1000), read(File("dev"), 1000));
            if (System.IO.File.Exists(File("dev"))) return (read(File("train"), Rows), read(File("dev"), 1000), read(File("test"), 2000));
            var (train, dev) = hold(read(File("train"), null));
            return (train, dev, read(File("test"), null));
        }

        /// <summary>
        /// Reads the splits. Missing dev rows are a stratified tenth of the training rows (with seed 1), and the training rows are a stratified part of the
        /// rest (the file of banking77 is sorted by label).
        /// </summary>
        public (IReadOnlyList<Row> Train, IReadOnlyList<Row> Dev, IReadOnlyList<Row> Test) Rows3()
            => Split((file, limit) => RowFile.Load(file, new() { Limit = limit }), all =>
        {
            var split = Splits.Stratified(all, 0.1, 1);
            return (split.Train.Count > Rows ? Splits.Stratified(split.Train, (double)Rows / split.Train.Count, 1).HeldOut : split.Train, split.HeldOut);
        });

        public (IReadOnlyList<TokenRow> Train, IReadOnlyList<TokenRow> Dev, IReadOnlyList<TokenRow> Test) Tokens3()
            => Split((file, limit) => TokenRowFile.Load(file, new() { Limit = limit }), all
                => ([.. all.Where((_, i) => i % 10 != 9).Take(Rows)], [.. all.Where((_, i) => i % 10 == 9)]));
    }

    private static readonly Job[] Jobs =
    [
        new("stsb", "How alike are the two sentences?", "Pearson", (model, s) =>
        {
            var (train, dev, test) = s.Rows3();
            var tuned = TextRegressor.Train(model, train, s.Fill(new TextRegressorOptions { Dev = dev }));
            return (tuned.Evaluate(test).Pearson, tuned);
        }),
        Classify("snli", "Does the first sentence entail the second, contradict it, or neither?"),
        Classify("rte", "Does the first text entail the second?"),
        Classify("banking77", "Classify the intent of the bank customer's question:"),
        Classify("trec6", "Classify what the question asks for: an abbreviation, a description, an entity, a human, a location or a number:"),
        Classify("cola", "Is the sentence grammatical English?", "MCC", r => r.MatthewsCorrelation),
        Tag("wnut17", "Find the names of persons, places, groups, products and works:"),
        Tag("ncbi_disease", "Find the names of diseases:"),
        new("ag_news", "Which topics do the two news stories touch: {labels}?", "micro F1", (model, s) =>
        {
            var (train, dev, test) = s.Rows3();
            var tuned = MultiLabelClassifier.Train(model, Joined(train), s.Fill(new MultiLabelClassifierOptions { Dev = Joined(dev) }));
            return (tuned.Evaluate(Joined(test)).Micro.F1, tuned);
        }),
    ];

    public static int Run(string[] args)
    {
        var shared = Value("--shared") ?? Path.Combine("..", "shared");
        string[] models = Value("--model") is { } model ? [model] : [Path.Combine(shared, "models", "minilm"), Path.Combine("assets", "models", "tiny")];
        var (rows, epochs, cache) = (Number("--rows", 2000), Number("--epochs", 4), Value("--cache") ?? Path.Combine("artifacts", "tasks"));
        if (!Directory.Exists(Path.Combine(shared, "data")))
        {
            Console.Error.WriteLine($"{shared}: holds no data sets, expected a folder with data/stsb, data/snli… (--shared FOLDER).");
            return 1;
        }
        RuntimeSettings.Start(Number("--threads", 0), fast: true);
        Directory.CreateDirectory(cache);
        var jobs = Jobs.Where(j => Value("--only") is not { } only || only == j.Data).ToList();
        var leaks = jobs.ToDictionary(j => j.Data, j => Leaks(Path.Combine(shared, "data", j.Data), j.Measure));
        var head = $"At most {rows} training rows, {epochs} epochs, one seed, each method with its own default learning rate; " +
            $"`bench -- tasks --rows {rows} --epochs {epochs}`. Measured on test (on dev for rte and cola, which have no test); " +
            "the last column counts the distinct texts of the measured file that also appear in train.";
        foreach (var path in models)
        {
            var text = $"{head}\n\n{Table(path)}";
            Console.WriteLine(text);
            if (Value("--into") is { } into) MarkedText.Insert(into, $"tasks {Path.GetFileName(path)}", text);
        }
        return 0;

        string Table(string path)
        {
            using var loaded = FrozenModel.Load(path, new() { Device = "cpu", Precision = Precision.Auto });
            var lines = new List<string>
            {
                $"| {Path.GetFileName(path)} in {loaded.Describe().Precision} | measure | {string.Join(" | ", Methods)} | also in train |",
                $"|---|---|{string.Concat(Methods.Select(_ => "---|"))}---|",
            };
            foreach (var job in jobs)
                lines.Add($"| {(job.Data == "ag_news" ? "ag_news, two stories joined (several labels)" : job.Data)} | {job.Measure} | " +
                    $"{string.Join(" | ", Methods.Select(m => Cell(loaded, path, job, m)))} | {leaks[job.Data]} |");
            return string.Join('\n', lines);
        }

        string Cell(FrozenModel loaded, string path, Job job, string method)
        {
            var kept = Path.Combine(cache, $"{Path.GetFileName(path)}-{job.Data}-{method}-{rows}-{epochs}.txt");
            if (File.Exists(kept)) return File.ReadAllText(kept);
            var setup = new Setup(Path.Combine(shared, "data", job.Data), rows, TuningOptions.Create(method), new() { Epochs = epochs }, job.Prompt);
            var (score, adapter) = job.Run(loaded, setup);
            using (adapter)
            {
                var cell = string.Create(CultureInfo.InvariantCulture, $"{score:F3} ({adapter.Report!.Seconds:F0} s)");
                Console.Error.WriteLine($"{Path.GetFileName(path)}, {job.Data}, {method}: {cell}");
                File.WriteAllText(kept, cell);
                return cell;
            }
        }

        string? Value(string name) => Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;
        int Number(string name, int orElse) => Value(name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : orElse;
    }

    private static Job Classify(string data, string prompt, string measure = "accuracy", Func<ClassificationReport, double>? of = null)
        => new(data, prompt, measure, (model, s) =>
    {
        var (train, dev, test) = s.Rows3();
        var tuned = TextClassifier.Train(model, train,
            s.Fill(new TextClassifierOptions { Dev = dev }) with { Training = s.Training with { Metric = measure == "MCC" ? "mcc" : null } });
        return ((of ?? (r => r.Accuracy))(tuned.Evaluate(test)), tuned);
    });

    private static Job Tag(string data, string prompt) => new(data, prompt, "entity F1", (model, s) =>
    {
        var (train, dev, test) = s.Tokens3();
        var tuned = TokenClassifier.Train(model, train, s.Fill(new TokenClassifierOptions { Dev = dev }));
        return (tuned.Evaluate(test).Micro.F1, tuned);
    });

    /// <summary>Joins each pair of consecutive rows to a row with the labels of both.</summary>
    private static IReadOnlyList<Row> Joined(IReadOnlyList<Row> rows)
        => [.. rows.Chunk(2).Where(p => p.Length == 2).Select(p => new Row(p[0].Text + " " + p[1].Text, p.Select(r => r.Label).Distinct()))];

    /// <summary>Counts the rows of the measured file that also appear in the training file. Sentences of tagged words are compared as texts.</summary>
    private static int Leaks(string folder, string measure)
    {
        var measured = Parts.Last(p => File.Exists(Path.Combine(folder, p + ".tsv")));
        IEnumerable<Row> Read(string part)
        {
            var file = Path.Combine(folder, part + ".tsv");
            return measure == "entity F1" ? TokenRowFile.Load(file).Select(r => new Row(string.Join(' ', r.Words), "")) : RowFile.Load(file);
        }
        return LeakReport.Of([("train", Read("train")), (measured, Read(measured))]).Leaks.Count;
    }
}
