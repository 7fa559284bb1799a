using System.Diagnostics;
using System.Globalization;
using SkTuning.Serving;

namespace SkTuning.Bench.Serving;

/// <summary>
/// The engine under load: clients that each send a text, wait for the answer, and send the next one. Every answer is compared with that of Predict. One adapter
/// that predicts all texts in one call is the limit. The ways take turns.
/// </summary>
internal static class ServeBench
{
    private const double Equal = 1e-5;

    /// <summary>What one way of serving did in one round.</summary>
    private sealed record Load(string Way, double TextsPerSecond, double Median, double High, int Wrong, double Batch, double Processor);

    public static int Run(string[] arguments)
    {
        var setup = new TrainingSetup([.. arguments, "--threads", $"{Environment.ProcessorCount}"]);
        var (adapters, clients) = (Number("--adapters", 100), Number("--clients", 64));
        var (seconds, rounds, count) = (Number("--seconds", 20), Number("--rounds", 3), Number("--texts", 2000));
        using var model = setup.Load();
        var folder = Directory.CreateTempSubdirectory("sktuning-serve-").FullName;
        try
        {
            var rows = Splits.KShot(RowFile.Load(Path.Combine(setup.Shared, "data", "trec6", "train.tsv")), 4, 1);
            TuningOptions[] methods = arguments.Contains("--mixed") ? [new SkPrefixOptions(), new LoraOptions()] : [new SkPrefixOptions()];
            var folders = ServedAdapters.Create(model, rows, methods, adapters, folder);
            var texts = ServedAdapters.Texts(setup.Shared, count);
            var (expected, ofOne) = (Expected(model, folders, texts), Expected(model, [folders[0]], texts));
            Serve("warm-up", folders, new());
            var loads = new List<Load>();
            for (var round = 0; round < rounds; round++)
            {
                loads.Add(OneCall(model, folders[0], texts));
                loads.Add(Serve($"{adapters} adapters", folders, new()));
                loads.Add(Serve("one adapter", folders.Take(1), new()));
                loads.Add(Serve($"{adapters} adapters, batching off", folders, new() { MaxBatchTexts = 1 }));
            }
            var limit = loads.Where(l => l.Way == loads[0].Way).Average(l => l.TextsPerSecond);
            Console.WriteLine($"{setup.ModelPath}, {string.Join(" and ", methods.Select(m => m.Name))}, {clients} clients, {texts.Count} texts of "
                + $"{Tokens(model, texts)} tokens, {Environment.ProcessorCount} cores, {rounds} rounds of {seconds} s; means over the rounds.\n");
            Console.WriteLine("| | texts/s | relative to one call | p50, ms | p99, ms | texts in a batch | processor time per text, ms | wrong answers |\n|---|---|---|---|---|---|---|---|");
            foreach (var way in loads.GroupBy(l => l.Way))
            {
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {way.Key} | {way.Average(l => l.TextsPerSecond):F0} | "
                    + $"{way.Average(l => l.TextsPerSecond) / limit:F2} | {way.Average(l => l.Median):F0} | {way.Average(l => l.High):F0} | "
                    + $"{way.Average(l => l.Batch):F1} | {way.Average(l => l.Processor):F2} | {way.Sum(l => l.Wrong)} |"));
            }
            return loads.Sum(l => l.Wrong) == 0 ? 0 : 1;

            Load Serve(string way, IEnumerable<string> served, ClassifierEngineOptions options)
                => Under(way, model, [.. served], texts, served.Count() == 1 ? ofOne : expected, options, clients, seconds).GetAwaiter().GetResult();
        }
        finally { Directory.Delete(folder, recursive: true); }

        int Number(string name, int other) => int.Parse(ChildRun.Option(arguments, name) ?? $"{other}", CultureInfo.InvariantCulture);
    }

    /// <summary>The adapter of text i is number i modulo their number.</summary>
    private static double[][] Expected(FrozenModel model, IReadOnlyList<string> folders, IReadOnlyList<string> texts)
    {
        var expected = new double[texts.Count][];
        for (var a = 0; a < folders.Count; a++)
        {
            using var adapter = TextClassifier.Load(folders[a], model);
            int[] own = [.. Enumerable.Range(0, texts.Count).Where(i => i % folders.Count == a)];
            foreach (var (i, prediction) in own.Zip(adapter.Predict([.. own.Select(i => texts[i])]))) expected[i] = [.. prediction.Scores.Values];
        }
        return expected;
    }

    private static Load OneCall(FrozenModel model, string folder, IReadOnlyList<string> texts)
    {
        using var adapter = TextClassifier.Load(folder, model);
        adapter.Predict([.. texts.Take(64)]);
        var used = new ProcessorTime();
        var start = Stopwatch.GetTimestamp();
        adapter.Predict(texts);
        var elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return new("Predict, one adapter, all texts in one call", texts.Count / elapsed, 0, 0, 0, 64, used.Of(texts.Count));
    }

    private static async Task<Load> Under(string way, FrozenModel model, IReadOnlyList<string> folders, IReadOnlyList<string> texts, double[][] expected,
        ClassifierEngineOptions options, int clients, int seconds)
    {
        await using var engine = new ClassifierEngine(model, options);
        foreach (var (a, folder) in folders.Index()) await engine.LoadAsync($"{a}", folder);
        var (next, wrong, clock) = (-1, 0, Stopwatch.StartNew());
        var (batches, used) = (new BatchSizes(), new ProcessorTime());
        var latencies = await Task.WhenAll(Enumerable.Range(0, clients).Select(_ => Task.Run(Client)));
        var elapsed = clock.Elapsed.TotalSeconds;
        double[] all = [.. latencies.SelectMany(l => l).Order()];
        return new(way, all.Length / elapsed, all[all.Length / 2], all[all.Length * 99 / 100], wrong, batches.Mean(), used.Of(all.Length));

        async Task<List<double>> Client()
        {
            var own = new List<double>();
            while (clock.Elapsed.TotalSeconds < seconds)
            {
                var i = (int)((uint)Interlocked.Increment(ref next) % (uint)texts.Count);
                var start = Stopwatch.GetTimestamp();
                var answer = (TextClassifierPrediction)await engine.ClassifyAsync($"{i % folders.Count}", texts[i]);
                own.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                if (!answer.Scores.Values.Zip(expected[i]).All(s => Math.Abs(s.First - s.Second) < Equal)) Interlocked.Increment(ref wrong);
            }
            return own;
        }
    }

    /// <summary>The processor time since it was created, for each of some texts, in milliseconds: other processes slow it down less than they slow the clock.</summary>
    private sealed class ProcessorTime
    {
        private readonly TimeSpan _start = Process.GetCurrentProcess().TotalProcessorTime;

        public double Of(int texts) => (Process.GetCurrentProcess().TotalProcessorTime - _start).TotalMilliseconds / texts;
    }

    private static string Tokens(FrozenModel model, IReadOnlyList<string> texts)
    {
        int[] lengths = [.. texts.Select(t => model.Tokenizer.EncodeIds(t).Length).Order()];
        return $"{lengths[lengths.Length / 20]} to {lengths[lengths.Length * 19 / 20]}";
    }
}
