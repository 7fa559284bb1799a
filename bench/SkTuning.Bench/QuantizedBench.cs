using System.Diagnostics;
using static TorchSharp.torch;

namespace SkTuning.Bench;

/// <summary>
/// A billion parameters in Q4_0 that are kept quantized: one forward pass, one SkPrefix training step, and the peak memory relative to the file size.
/// </summary>
internal static class QuantizedBench
{
    private const int Rows = 8;

    public static int Run(string[] arguments)
    {
        if (arguments is ["--child", var what, .. var rest])
            return what switch
            {
                "nothing" => LoadBench.Run(["--child", "nothing"]),
                "forward" => Forward(rest[0], int.Parse(rest[1])),
                _ => Train(rest[0], int.Parse(rest[1])),
            };
        var path = Path.Combine(Path.GetTempPath(), $"sktuning-1b-{Environment.ProcessId}.gguf");
        try
        {
            var parameters = LargeGguf.Write(path);
            var (file, rounds) = ((double)new FileInfo(path).Length, int.Parse(ChildRun.Option(arguments, "--rounds") ?? "2"));
            Console.WriteLine($"{parameters:N0} parameters, Q4_0, {file / 1e6:F0} MB; kept quantised, fp32; peaks over a process with one operation, " +
                $"medians of {rounds} processes each");
            var nothing = Peak(Repeat("nothing", Rows));
            Print("forward of 8 x 32 tokens", "forward");
            Print("one SkPrefix training step", "train");
            return 0;

            List<ChildRun> Repeat(string what, int rows)
                => [.. Enumerable.Range(0, rounds).Select(_ => ChildRun.Of("quantized-1b", "--child", what, path, rows.ToString()))];

            double Peak(List<ChildRun> runs) => ChildRun.Median(runs.Select(r => (double)r.Peak));

            // The memory saved with half the rows is half of the activations; the rest are the weights.
            void Print(string name, string what)
            {
                var (all, half) = (Repeat(what, Rows), Repeat(what, Rows / 2));
                var (peak, activations) = (Peak(all) - nothing, 2 * (Peak(all) - Peak(half)));
                Console.WriteLine($"  {name,-28} peak {peak / 1e6,5:F0} MB, activations {activations / 1e6,4:F0} MB, the rest " +
                    $"{(peak - activations) / 1e6,4:F0} MB = {(peak - activations) / file:F2} x the file; "
                    + $"{ChildRun.Median(all.Select(r => r.Numbers[0])):F1} s, process {ChildRun.Median(all.Select(r => r.Cpu)):F1} s CPU");
            }
        }
        finally { File.Delete(path); }
    }

    private static FrozenModel Load(string path)
    {
        RuntimeSettings.Start(fast: true);
        return FrozenModel.Load(path, new() { Device = "cpu", KeepQuantized = true });
    }

    private static int Forward(string path, int count)
    {
        using var model = Load(path);
        var clock = Stopwatch.StartNew();
        using var off = no_grad();
        using var scope = NewDisposeScope();
        var hidden = model.Transformer.Forward(new() { Ids = randint(model.Config.Vocabulary, [count, 32], dtype: ScalarType.Int64) }).Hidden;
        if (!hidden.isfinite().all().item<bool>()) throw new InvalidOperationException("The states are no numbers.");
        _ = model.Transformer.Logits(hidden[0, -1]).argmax().item<long>();
        return ChildRun.Report(clock.Elapsed.TotalSeconds);
    }

    private static int Train(string path, int count)
    {
        using var model = Load(path);
        var clock = Stopwatch.StartNew();
        var rows = Enumerable.Range(0, count).Select(i => new Row($"a row of words, number {i}, {(i % 2 == 0 ? "good" : "bad")}", i % 2 == 0 ? "good" : "bad"))
            .ToList();
        using var classifier = TextClassifier.Train(model, rows,
            new() { Prompt = "Is it good or bad?", Dev = rows, Training = new() { Epochs = 1, BatchSize = count } });
        if (classifier.Report!.Steps != 1) throw new InvalidOperationException($"{classifier.Report.Steps} steps were made, expected one.");
        return ChildRun.Report(clock.Elapsed.TotalSeconds);
    }
}
