using System.Diagnostics;
using SkTuning.Data;
using SkTuning.Inference;
using SkTuning.Models;
using static TorchSharp.torch;

namespace SkTuning.Bench;

/// <summary>A billion parameters in Q4_0 that stay quantised: one forward pass and one SkPrefix training step, and the peak of memory against the file's size.</summary>
internal static class QuantizedBench
{
    private const int Rows = 8;

    public static int Run(string[] arguments)
    {
        if (arguments is ["--child", var what, .. var rest])
            return what switch { "nothing" => LoadBench.Run(["--child", "nothing"]), "forward" => Forward(rest[0]), _ => Train(rest[0]) };
        var path = Path.Combine(Path.GetTempPath(), $"sktuning-1b-{Environment.ProcessId}.gguf");
        try
        {
            var parameters = LargeGguf.Write(path);
            var (file, rounds) = ((double)new FileInfo(path).Length, int.Parse(ChildRun.Option(arguments, "--rounds") ?? "2"));
            Console.WriteLine($"{parameters:N0} parameters, Q4_0, {file / 1e6:F0} MB; kept quantised, fp32; medians of {rounds} processes each");
            var nothing = Repeat("nothing");
            Print("forward of 8 x 32 tokens", Repeat("forward"));
            Print("one SkPrefix training step", Repeat("train"));
            return 0;

            List<ChildRun> Repeat(string what) => [.. Enumerable.Range(0, rounds).Select(_ => ChildRun.Of("quantized-1b", "--child", what, path))];

            void Print(string what, List<ChildRun> runs)
            {
                var growth = ChildRun.Median(runs.Select(r => (double)r.Peak)) - ChildRun.Median(nothing.Select(r => (double)r.Peak));
                Console.WriteLine($"  {what,-28} peak {growth / 1e6,5:F0} MB over a process with one operation = {growth / file:F2} x the file; {ChildRun.Median(runs.Select(r => r.Numbers[0])):F1} s, process {ChildRun.Median(runs.Select(r => r.Wall)):F1} s");
            }
        }
        finally { if (Environment.GetEnvironmentVariable("KEEP") is null) File.Delete(path); else Console.WriteLine(path); }
    }

    private static FrozenModel Load(string path)
    {
        RuntimeSettings.Start(fast: true);
        return FrozenModel.Load(path, new() { Device = "cpu", KeepQuantized = true });
    }

    private static int Forward(string path)
    {
        using var model = Load(path);
        var clock = Stopwatch.StartNew();
        using var off = no_grad();
        using var scope = NewDisposeScope();
        var hidden = model.Transformer.Forward(new() { Ids = randint(model.Config.Vocabulary, [Rows, 32], dtype: ScalarType.Int64) }).Hidden;
        if (!hidden.isfinite().all().item<bool>()) throw new InvalidOperationException("The states are no numbers.");
        _ = model.Transformer.Logits(hidden[0, -1]).argmax().item<long>();
        return ChildRun.Report(clock.Elapsed.TotalSeconds);
    }

    private static int Train(string path)
    {
        using var model = Load(path);
        var clock = Stopwatch.StartNew();
        var rows = Enumerable.Range(0, Rows).Select(i => new Row($"a row of words, number {i}, {(i % 2 == 0 ? "good" : "bad")}", i % 2 == 0 ? "good" : "bad")).ToList();
        using var classifier = TextClassifier.Train(model, rows, new() { Prompt = "Is it good or bad?", Dev = rows, Training = new() { Epochs = 1, BatchSize = Rows } });
        if (classifier.Report!.Steps != 1) throw new InvalidOperationException($"{classifier.Report.Steps} steps were made, expected one.");
        return ChildRun.Report(clock.Elapsed.TotalSeconds);
    }
}
