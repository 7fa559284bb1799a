using System.Diagnostics;
using System.Globalization;
using SkTuning.Bench.Steps;
using SkTuning.Native;
using static TorchSharp.torch;

namespace SkTuning.Bench;

/// <summary>
/// Alternating training steps of several SkPrefix implementations: the plain loop, the same with one factor changed, the library's step, and its operations
/// written by hand. They are first verified to have the same loss. There is one process for each number of threads and each setting of the AVX-512 switch,
/// which must be set before libtorch starts. The processes alternate, too.
/// </summary>
internal static class StepBench
{
    private const int Prompt = 16, Sessions = 2, FewestRounds = 2, StepsAtOnceOnGpu = 8;
    private const string SwitchVariable = "SK_MKL_AVX512";

    /// <summary>A line of the tables. The number of threads is given only for the CPU.</summary>
    private sealed record Case(StepShape Shape, int Threads, int Rows, int Text)
    {
        private const int Few = 16, Short = 64, Many = 64, Long = 256;

        public static IEnumerable<Case> Of(StepShape shape, bool gpu)
            => gpu ? [new(shape, 0, Few, Short), new(shape, 0, Many, Long)] : [new(shape, 1, Few, Short), new(shape, 2, Few, Short)];

        public override string ToString() => Threads == 0 ? $"{Shape.Name}, {Rows} x {Text}" : $"{Shape.Name}, {Threads}";
    }

    /// <summary>The implementations in the order of a child's report.</summary>
    private enum Way { Plain, PlainBf16, PlainOneCopy, PlainScopes, Hand, HandBf16, Library, LibraryBf16, Product, ProductBf16, WideProduct, WideProductBf16 }

    /// <summary>
    /// The implementations that a process measures: all except bf16 if the processor has no instructions for it; without the switch, only the plain loop.
    /// </summary>
    private static Way[] Ways(bool avx512, bool bf16) => avx512 ? [.. Enum.GetValues<Way>().Where(w => bf16 || !IsBf16(w))] : [Way.Plain];

    private static bool IsProduct(Way way) => way >= Way.Product;

    private static bool IsBf16(Way way) => way.ToString().EndsWith("Bf16", StringComparison.Ordinal);

    public static int Run(string[] arguments)
    {
        if (ChildRun.Option(arguments, "--child") is { } child) return Measure(StepShape.Named(child), arguments);
        var budget = double.Parse(ChildRun.Option(arguments, "--seconds") ?? "12", CultureInfo.InvariantCulture);
        var gpu = ChildRun.Option(arguments, "--device") == "cuda";
        var (fast, reason) = BFloat16Support.On(gpu ? CUDA : CPU);
        var bf16 = fast || arguments.Contains("--bf16");
        var clock = Stopwatch.StartNew();
        List<string> times = Head(gpu ? "sizes, rows x text" : "sizes, threads",
            [.. OfCpu("plain loop without the AVX-512 switch"), "plain loop", "library fp32", "library bf16", "hand-written fp32", "hand-written bf16"]);
        List<string> ratios = Head(gpu ? "sizes, rows x text" : "sizes, threads",
        [
            .. OfCpu("AVX-512 switch"), "bf16", "one copy", "scope a layer", "**all**", .. OfCpu("all but the switch"),
            "library / hand-written, fp32", "bf16", "of the limit, fp32", "bf16",
        ]);
        foreach (var shape in StepShape.All.Where(s => ChildRun.Option(arguments, "--only") is not { } only || s.Name == only))
            foreach (var @case in Case.Of(shape, gpu))
            {
                List<Dictionary<Way, double>> with = [], without = [];
                for (var s = 0; s < (gpu ? 1 : Sessions); s++)
                {
                    if (!gpu) without.AddRange(Child(@case, budget / 4, avx512: false, bf16));
                    with.AddRange(Child(@case, budget, avx512: true, bf16));
                }
                var (first, second) = Lines(@case, with, without);
                times.Add(first);
                ratios.Add(second);
                Console.Error.WriteLine($"{first}\n{second}\n({clock.Elapsed.TotalSeconds:F0} s)");
            }
        RuntimeSettings.Start(fast: true);
        var table = string.Join('\n',
        [
            gpu ? $"{Gpu()}, one process on {Environment.ProcessorCount} cores; prompt {Prompt}; {DateTime.UtcNow:yyyy-MM-dd}. Medians, milliseconds a step:"
                : $"Rows 16, text 64, prompt {Prompt}; {Environment.ProcessorCount} cores; MKL's AVX-512 switch: {FastMkl.Status}; bf16: {reason}; " +
                    $"{DateTime.UtcNow:yyyy-MM-dd}. Medians, milliseconds a step:", "", .. times, "",
            "How many times faster (medians of the ratios within a round, where both ways are in it), and shares of the rate of plain products; \"all\" is " +
                "the library in the faster precision:", "", .. ratios,
        ]);
        Console.WriteLine(table);
        if (ChildRun.Option(arguments, "--into") is { } into) MarkedText.Insert(into, gpu ? "step-gpu" : "step", table);
        return 0;

        string[] OfCpu(string column) => gpu ? [] : [column];
        static List<string> Head(string first, string[] columns)
            => [$"| {first} | {string.Join(" | ", columns)} |", $"|{string.Concat(Enumerable.Repeat("---|", columns.Length + 1))}"];
    }

    private static (string Times, string Ratios) Lines(Case @case, List<Dictionary<Way, double>> with, List<Dictionary<Way, double>> without)
    {
        var gpu = without.Count == 0;
        var start = ChildRun.Median((gpu ? with : without).Select(r => r[Way.Plain]));
        var best = with[0].ContainsKey(Way.LibraryBf16) && Median(Way.LibraryBf16) < Median(Way.Library) ? Way.LibraryBf16 : Way.Library;
        string[] ms = [.. OfCpu(Number(start * 1e3, "F1")),
            .. ((Way[])[Way.Plain, Way.Library, Way.LibraryBf16, Way.Hand, Way.HandBf16]).Select(w => Number(Median(w) * 1e3, "F1"))];
        string[] ratios =
        [
            .. OfCpu(Number(start / Median(Way.Plain))), Times(Way.Plain, Way.PlainBf16), Times(Way.Plain, Way.PlainOneCopy), Times(Way.Plain, Way.PlainScopes),
            $"**{Number(start / Median(best))}**", .. OfCpu(Times(Way.Plain, best)), Times(Way.Library, Way.Hand, "F3"),
            Times(Way.LibraryBf16, Way.HandBf16, "F3"),
            Share(Way.Library, Way.Product, Way.WideProduct), Share(Way.LibraryBf16, Way.ProductBf16, Way.WideProductBf16),
        ];
        return ($"| {@case} | {string.Join(" | ", ms)} |", $"| {@case} | {string.Join(" | ", ratios)} |");

        string[] OfCpu(string value) => gpu ? [] : [value];
        double Median(Way way) => ChildRun.Median(with.Select(r => r.GetValueOrDefault(way, double.NaN)));
        string Times(Way slow, Way fast, string format = "F2")
            => Number(ChildRun.Median(with.Select(r => r.GetValueOrDefault(slow, double.NaN) / r.GetValueOrDefault(fast, double.NaN))), format);
        string Number(double value, string format = "F2") => double.IsNaN(value) ? "-" : value.ToString(format, CultureInfo.InvariantCulture);
        // Products are reported in seconds per operation.
        string Share(Way way, Way one, Way other)
        {
            var share = Number(@case.Shape.Operations(@case.Rows, @case.Text, Prompt) / Median(way) * Math.Min(Median(one), Median(other)) * 100, "F0");
            return share == "-" ? share : share + " %";
        }
    }

    /// <summary>Runs the rounds of a process and returns the seconds of each implementation.</summary>
    private static IEnumerable<Dictionary<Way, double>> Child(Case @case, double budget, bool avx512, bool bf16)
    {
        var ways = Ways(avx512, bf16);
        string[] more = bf16 ? ["--bf16"] : [];
        var run = ChildRun.Of(
        [
            "step", "--child", @case.Shape.Name, "--threads", $"{@case.Threads}", "--rows", $"{@case.Rows}", "--text", $"{@case.Text}",
            "--seconds", budget.ToString(CultureInfo.InvariantCulture), "--avx512", avx512 ? "on" : "off", .. more,
        ]);
        return run.Numbers.Chunk(ways.Length).Select(round => ways.Zip(round).ToDictionary(w => w.First, w => w.Second));
    }

    private static int Measure(StepShape shape, string[] arguments)
    {
        var avx512 = ChildRun.Option(arguments, "--avx512") != "off";
        if (!avx512) Environment.SetEnvironmentVariable(SwitchVariable, "0");
        var (threads, rows, text) = (Number("--threads"), Number("--rows"), Number("--text"));
        RuntimeSettings.Start(threads, fast: true);
        var (device, atOnce) = threads == 0 ? (CUDA, StepsAtOnceOnGpu) : (CPU, 1);
        var budget = double.Parse(ChildRun.Option(arguments, "--seconds")!, CultureInfo.InvariantCulture);
        var ways = Ways(avx512, arguments.Contains("--bf16"));

        using var models = new StepModels(shape, Prompt, device);
        using Tensor ids = StepTask.Ids(rows, text, 1, device), targets = StepTask.Targets(rows, device);
        using var products = new Products(shape, rows * text, device);
        var steps = ways.ToDictionary(w => w, Taker);
        var losses = new Dictionary<Way, double>();
        foreach (var way in ways)                                                                            // the first steps are not counted
            if (steps[way]() is var loss && !IsProduct(way)) losses[way] = loss;
        Check(losses);
        if (threads == 0) cuda.synchronize();
        var times = new List<double>();
        var clock = Stopwatch.StartNew();
        for (var round = 0; round < FewestRounds || clock.Elapsed.TotalSeconds < budget; round++)
        {
            var seconds = new double[ways.Length];
            for (var i = 0; i < ways.Length; i++)
            {
                var at = (i + round) % ways.Length;                                                          // so that none always follows the same one
                var begin = Stopwatch.GetTimestamp();
                for (var s = 0; s < atOnce; s++) steps[ways[at]]();
                if (threads == 0) cuda.synchronize();
                seconds[at] = Stopwatch.GetElapsedTime(begin).TotalSeconds / atOnce
                    / (IsProduct(ways[at]) ? products.Operations(ways[at] is Way.WideProduct or Way.WideProductBf16) : 1);
            }
            times.AddRange(seconds);
        }
        return ChildRun.Report([.. times]);

        int Number(string name) => int.Parse(ChildRun.Option(arguments, name)!, CultureInfo.InvariantCulture);

        Func<double> Taker(Way way)
        {
            if (IsProduct(way)) return () => products.Take(way is Way.WideProduct or Way.WideProductBf16, way is Way.ProductBf16 or Way.WideProductBf16);
            var loop = models.Loop(way switch
            {
                Way.Plain => (StepKind.Plain, Precision.Float32),
                Way.PlainBf16 => (StepKind.Plain, Precision.BFloat16),
                Way.PlainOneCopy => (StepKind.PlainOneCopy, Precision.Float32),
                Way.PlainScopes => (StepKind.PlainScopes, Precision.Float32),
                Way.Hand => (StepKind.Hand, Precision.Float32),
                Way.HandBf16 => (StepKind.Hand, Precision.BFloat16),
                Way.Library => (StepKind.Library, Precision.Float32),
                _ => (StepKind.Library, Precision.BFloat16),
            });
            return () => loop.Step(ids, targets);
        }
    }

    private static string Gpu()
    {
        using var asked = Process.Start(
            new ProcessStartInfo("nvidia-smi", ["--query-gpu=name", "--format=csv,noheader", "--id=0"]) { RedirectStandardOutput = true })!;
        return asked.StandardOutput.ReadToEnd().Trim();
    }

    /// <summary>Verifies that the implementations compute the same result.</summary>
    private static void Check(Dictionary<Way, double> losses)
    {
        var expected = losses[Way.Plain];
        foreach (var (way, loss) in losses)
            if (Math.Abs(loss - expected) > (IsBf16(way) ? 2e-2 : 1e-4))
                throw new SkTuningException($"The first loss of {way} is {loss}, that of {Way.Plain} {expected}: they do not compute the same.");
    }
}
