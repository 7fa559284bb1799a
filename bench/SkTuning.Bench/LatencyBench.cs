using System.Diagnostics;
using System.Globalization;
using System.Runtime.Intrinsics.X86;
using SkTuning.Native;
using SkTuning.Onnx;

namespace SkTuning.Bench;

/// <summary>
/// The time to predict one text, texts one after another, many texts in one call, and texts of several callers, for each way of predicting and each number of
/// threads. The ways take turns, starting with a different one in each round.
/// </summary>
internal static class LatencyBench
{
    private static readonly string[] Columns =
        ["way, threads", "texts/s in one call", "texts/s one by one", "one text, p50", "p95", "texts/s of N callers", "N callers / one caller",
            "equal labels", "accuracy"];

    /// <summary>What one round measured.</summary>
    private sealed record Round(double Batched, double OneByOne, double Median, double P95, double Callers);

    public static int Run(string[] arguments)
    {
        var setup = new TrainingSetup(["--threads", "2", .. arguments, "--rows", "400", "--epochs", "1"]);
        var rounds = int.Parse(ChildRun.Option(arguments, "--rounds") ?? "3", CultureInfo.InvariantCulture);
        var count = int.Parse(ChildRun.Option(arguments, "--texts") ?? "500", CultureInfo.InvariantCulture);
        var callers = int.Parse(ChildRun.Option(arguments, "--callers") ?? $"{Environment.ProcessorCount}", CultureInfo.InvariantCulture);
        int[] threads = [.. (ChildRun.Option(arguments, "--threads") ?? "1,2").Split(',').Select(t => int.Parse(t, CultureInfo.InvariantCulture))];
        var rows = setup.Read("test", count);
        string[] texts = [.. rows.Select(r => r.Text)];
        var folder = Path.Combine(Directory.CreateTempSubdirectory("latency-").FullName, "adapter");
        Train(setup, folder);
        var ways = threads.SelectMany(t => Ways(setup.ModelPath, folder, t).Select(w => (Threads: t, Way: w))).ToList();
        var expected = ways[0].Way.Predict(texts);
        var labels = ways.Select(w => w.Way.Predict(texts)).ToList();                                    // the warm-up, too
        var equal = labels.Select(l => l.Zip(expected).Count(p => p.First == p.Second)).ToList();
        var right = labels.Select(l => l.Zip(rows).Count(p => p.First == p.Second.Label)).ToList();
        var measured = ways.Select(_ => new List<Round>()).ToList();
        for (var round = 0; round < rounds; round++)
            for (var i = 0; i < ways.Count; i++)
            {
                var at = (i + round) % ways.Count;
                ways[at].Way.Prepare?.Invoke();
                measured[at].Add(Measure(ways[at].Way, texts, callers));
            }
        var vnni = AvxVnni.IsSupported || (X86Base.IsSupported && (X86Base.CpuId(7, 0).Ecx & (1 << 11)) != 0);
        List<string> lines =
        [
            Invariant($"{Path.GetFileName(setup.ModelPath)}, {texts.Length} texts of sst2, {Environment.ProcessorCount} cores, {callers} callers; VNNI: ")
                + $"{YesOrNo(vnni)}, avx512_bf16: {YesOrNo(Processor.HasAvx512BFloat16)}, amx_bf16: {YesOrNo(Processor.HasAmxBFloat16)}; "
                + Invariant($"MKL's AVX-512 switch: {FastMkl.Status}; medians of {rounds} rounds; {DateTime.UtcNow:yyyy-MM-dd}."), "",
            $"| {string.Join(" | ", Columns)} |", $"|{string.Concat(Columns.Select(_ => "---|"))}",
            .. ways.Select((w, i) => Line(w.Way.Name, w.Threads, measured[i], equal[i], right[i], texts.Length)),
        ];
        foreach (var (_, way) in ways) way.Dispose();
        Directory.Delete(Path.GetDirectoryName(folder)!, recursive: true);
        var table = string.Join('\n', lines);
        Console.WriteLine(table);
        if (ChildRun.Option(arguments, "--into") is { } into) MarkedText.Insert(into, "latency", table);
        return 0;
    }

    /// <summary>The ways to compare, each with tensors and threads of its own.</summary>
    private static IEnumerable<LatencyWay> Ways(string modelPath, string folder, int threads)
        =>
        [
            LatencyWay.Library(modelPath, folder, Precision.Float32, threads),
            LatencyWay.Library(modelPath, folder, Precision.BFloat16, threads),
            LatencyWay.Onnx(modelPath, folder, OnnxPrecision.Float32, threads),
            LatencyWay.Onnx(modelPath, folder, OnnxPrecision.Int8, threads),
        ];

    private static void Train(TrainingSetup setup, string folder)
    {
        using var model = setup.Load();
        using var adapter = TextClassifier.Train(model, setup.Read("train", setup.Rows), new()
        {
            Prompt = "Is the movie review positive or negative? The review:",
            Training = new() { Epochs = setup.Epochs, Folds = 0 },
        });
        adapter.Save(folder);
    }

    private static Round Measure(LatencyWay way, string[] texts, int callers)
    {
        for (var i = 0; i < Math.Min(20, texts.Length); i++) way.Predict([texts[i]]);
        var begin = Stopwatch.GetTimestamp();
        way.Predict(texts);
        var batched = Stopwatch.GetElapsedTime(begin).TotalSeconds;
        var each = new double[texts.Length];
        begin = Stopwatch.GetTimestamp();
        for (var i = 0; i < texts.Length; i++)
        {
            var one = Stopwatch.GetTimestamp();
            way.Predict([texts[i]]);
            each[i] = Stopwatch.GetElapsedTime(one).TotalMilliseconds;
        }
        var oneByOne = Stopwatch.GetElapsedTime(begin).TotalSeconds;
        Array.Sort(each);
        return new(texts.Length / batched, texts.Length / oneByOne, each[each.Length / 2], each[each.Length * 95 / 100], Callers(way, texts, callers));
    }

    /// <summary>Returns the texts per second of callers that each predict every text, one by one.</summary>
    private static double Callers(LatencyWay way, string[] texts, int callers)
    {
        using var ready = new Barrier(callers + 1);
        var threads = Enumerable.Range(0, callers).Select(c => new Thread(() =>
        {
            for (var i = 0; i < Math.Min(10, texts.Length); i++) way.Predict([texts[i]]);
            ready.SignalAndWait();
            for (var i = 0; i < texts.Length; i++) way.Predict([texts[(i + c * texts.Length / callers) % texts.Length]]);
        })).ToList();
        threads.ForEach(t => t.Start());
        ready.SignalAndWait();
        var begin = Stopwatch.GetTimestamp();
        threads.ForEach(t => t.Join());
        return callers * texts.Length / Stopwatch.GetElapsedTime(begin).TotalSeconds;
    }

    private static string Line(string name, int threads, List<Round> rounds, int equal, int right, int count)
    {
        return Invariant($"| {name}, {threads} | {Median(r => r.Batched):F0} | {Median(r => r.OneByOne):F0} | {Median(r => r.Median):F2} ms | ")
            + Invariant($"{Median(r => r.P95):F2} ms | {Median(r => r.Callers):F0} | {Median(r => r.Callers / r.OneByOne):F2} | ")
            + Invariant($"{equal} of {count} | {100.0 * right / count:F1} % |");

        double Median(Func<Round, double> of) => ChildRun.Median(rounds.Select(of));
    }

    private static string YesOrNo(bool value) => value ? "yes" : "no";

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
