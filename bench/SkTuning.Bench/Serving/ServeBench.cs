using System.Globalization;
using SkTuning.Serving;

namespace SkTuning.Bench.Serving;

/// <summary>
/// Serving under load: clients that each send a text, wait for the answer, and send the next one. Every answer is compared with that of Predict. One adapter
/// (of each method) that predicts all texts in one call is the limit. With <c>--http</c>, the server is a process of its own, on the same cores as its
/// clients. The ways take turns.
/// </summary>
internal static class ServeBench
{
    public static int Run(string[] arguments)
    {
        if (ChildRun.Option(arguments, "--child") is { } child) return ServerProcess.Serve(child, arguments);
        var setup = new TrainingSetup([.. arguments, "--threads", $"{Environment.ProcessorCount}"]);
        var (adapters, clients) = (Number("--adapters", 100), Number("--clients", 64));
        var (seconds, rounds, count) = (Number("--seconds", 20), Number("--rounds", 3), Number("--texts", 2000));
        using var model = setup.Load();
        var folder = Directory.CreateTempSubdirectory("sktuning-serve-").FullName;
        try
        {
            var rows = Splits.KShot(RowFile.Load(Path.Combine(setup.Shared, "data", "trec6", "train.tsv")), 4, 1);
            TuningOptions[] methods = arguments.Contains("--mixed") ? [new SkPrefixOptions(), new LoraOptions()] : [new SkPrefixOptions()];
            var (all, one) = (Path.Combine(folder, "all"), Path.Combine(folder, "one"));
            ServedAdapters.Create(model, rows, methods, adapters, all);
            ServedAdapters.Create(model, rows, methods, methods.Length, one);
            var texts = ServedAdapters.Texts(setup.Shared, count);
            var (ofAll, ofOne) = (new LoadTest(all, texts, clients, seconds, model), new LoadTest(one, texts, clients, seconds, model));
            var few = methods.Length == 1 ? "one adapter" : "one adapter of each method";
            var http = arguments.Contains("--http");
            ofAll.Run("warm-up", Start(all, new()));
            var loads = new List<LoadResult>();
            for (var round = 0; round < rounds; round++)
            {
                loads.Add(ofOne.OneCall($"Predict, {few}, all texts in one call"));
                loads.Add(ofAll.Run($"{adapters} adapters", Start(all, new())));
                loads.Add(ofOne.Run(few, Start(one, new())));
                loads.Add(ofAll.Run($"{adapters} adapters, batching off", Start(all, new() { MaxBatchTexts = 1 })));
            }
            var table = $"{Path.GetFileName(setup.ModelPath)}, {string.Join(" and ", methods.Select(m => m.Name))}, {(http ? "over HTTP" : "in the process")}, "
                + $"{clients} clients, {texts.Count} texts of {ofAll.Tokens} (90 % of them), {Environment.ProcessorCount} cores, {rounds} rounds of "
                + $"{seconds} s; means over the rounds.\n\n{Table(loads)}";
            Console.WriteLine(table);
            var name = $"serve{(http ? "-http" : "")}{(methods.Length > 1 ? "-mixed" : "")}";
            if (ChildRun.Option(arguments, "--into") is { } into) MarkedText.Insert(into, name, table);
            return loads.Sum(l => l.Wrong) == 0 ? 0 : 1;

            ILoadTarget Start(string served, ClassifierEngineOptions options)
                => http ? new ServerProcess(served, setup.ModelPath, options.MaxBatchTexts) : new EngineTarget(model, served, options);
        }
        finally { Directory.Delete(folder, recursive: true); }

        int Number(string name, int other) => int.Parse(ChildRun.Option(arguments, name) ?? $"{other}", CultureInfo.InvariantCulture);
    }

    private static string Table(List<LoadResult> loads)
    {
        var limit = loads.Where(l => l.Way == loads[0].Way).Average(l => l.TextsPerSecond);
        List<string> lines =
        [
            "| | texts/s | relative to one call | p50, ms | p99, ms | processor time per text, ms | resident memory, start and end, MB | answers | wrong |",
            "|---|---|---|---|---|---|---|---|---|",
        ];
        foreach (var way in loads.GroupBy(l => l.Way))
        {
            var (start, end) = (way.Average(l => l.StartMemory), way.Average(l => l.EndMemory));
            var load = way.Sum(l => l.Answers) == 0 ? "- | -" : Text($"{way.Average(l => l.Median):F0} | {way.Average(l => l.High):F0}");
            lines.Add(Text($"| {way.Key} | {way.Average(l => l.TextsPerSecond):F0} | {way.Average(l => l.TextsPerSecond) / limit:F2} | ") + load
                + Text($" | {way.Average(l => l.Processor):F2} | {(end == 0 ? "-" : Text($"{start:F0}, {end:F0}"))} | {way.Sum(l => l.Answers)} | ")
                + Text($"{way.Sum(l => l.Wrong)} |"));
        }
        return string.Join('\n', lines);

        static string Text(FormattableString text) => FormattableString.Invariant(text);
    }
}
