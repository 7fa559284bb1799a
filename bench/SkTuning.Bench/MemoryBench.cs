using System.Globalization;
using SkTuning.Bench.Steps;
using SkTuning.Native;
using static TorchSharp.torch;

namespace SkTuning.Bench;

/// <summary>
/// The peak memory of a SkPrefix step with activations kept and with activations recomputed, compared with a process whose step has a single short row. That
/// process also computes one product of the full size, because the workspace that MKL allocates for it and keeps is not part of the activations. Each runs in
/// its own process.
/// </summary>
internal static class MemoryBench
{
    private const int Rows = 16, Prompt = 16, Short = 4, Steps = 3;
    private const string Marker = "memory";

    public static int Run(string[] arguments)
    {
        var text = int.Parse(ChildRun.Option(arguments, "--text") ?? "64", CultureInfo.InvariantCulture);
        if (ChildRun.Option(arguments, "--child") is { } child)
            return Measure(StepShape.Named(child), Enum.Parse<Precision>(ChildRun.Option(arguments, "--precision")!), text, arguments.Contains("--recompute"),
                arguments.Contains("--short"));
        Precision[] precisions = BFloat16Support.On(CPU).Fast ? [Precision.Float32, Precision.BFloat16] : [Precision.Float32];
        List<string> lines = ["| sizes | precision | kept | recomputed | ratio | time of a step, recomputed / kept |", "|---|---|---|---|---|---|"];
        foreach (var shape in StepShape.All.Where(s => ChildRun.Option(arguments, "--only") is not { } only || s.Name == only))
            foreach (var precision in precisions)
            {
                ChildRun Child(params string[] more)
                    => ChildRun.Of(["memory", "--child", shape.Name, "--precision", $"{precision}", "--text", $"{text}", .. more]);
                var (small, kept, again) = (Child("--short"), Child(), Child("--recompute"));
                double most = kept.Peak - small.Peak, less = again.Peak - small.Peak;
                lines.Add(string.Create(CultureInfo.InvariantCulture, $"| {shape.Name} | {precision} | {most / 1e6:F0} MB | {less / 1e6:F0} MB | " +
                    $"{less / most:F2} | {again.Numbers[0] / kept.Numbers[0]:F2} |"));
                Console.Error.WriteLine(lines[^1]);
            }
        var head = $"Rows {Rows}, text {text}, prompt {Prompt}, 1 thread; {DateTime.UtcNow:yyyy-MM-dd}. " +
            $"Peak of resident memory above that of the same process with one row of {Short} tokens and one product of a full step's sizes:";
        var table = string.Join('\n', [head, "", .. lines]);
        Console.WriteLine(table);
        if (ChildRun.Option(arguments, "--into") is { } into) MarkedText.Insert(into, Marker, table);
        return 0;
    }

    private static void Product(StepShape shape, long text)
    {
        using Tensor states = zeros(Rows * text, shape.Hidden), weight = zeros(shape.Hidden, shape.Inner);
        states.mm(weight).Dispose();
    }

    private static int Measure(StepShape shape, Precision precision, long text, bool recompute, bool small)
    {
        RuntimeSettings.Start(1, fast: true);
        var (transformer, _, _) = shape.Create(precision, CPU);
        using (transformer)
        using (var loop = new LibraryLoop(transformer, Prompt, CPU))
        using (Tensor ids = StepTask.Ids(small ? 1 : Rows, small ? Short : text, 1, CPU), targets = StepTask.Targets(small ? 1 : Rows, CPU))
        {
            loop.Tuned.RecomputesActivations = recompute;
            using var memory = recompute ? AllocatorSettings.GiveBackLargeBlocks() : null;                     // as the trainer does
            if (small) Product(shape, text);
            loop.Step(ids, targets);
            var clock = System.Diagnostics.Stopwatch.StartNew();
            for (var s = 1; s < Steps; s++) loop.Step(ids, targets);
            return ChildRun.Report(clock.Elapsed.TotalSeconds);
        }
    }
}
