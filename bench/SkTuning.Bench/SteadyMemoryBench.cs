using System.Runtime.InteropServices;
using TorchSharp;

namespace SkTuning.Bench;

/// <summary>
/// Memory and live tensors over 500 steps, with batches of equal length as in the benchmark <c>step</c>, and with batches of the lengths of the rows of sst2.
/// Each runs in its own process.
/// </summary>
internal static class SteadyMemoryBench
{
    private const int From = 50, Length = 64;

    public static int Run(string[] arguments)
    {
        var setup = new TrainingSetup(arguments);
        var steps = int.Parse(ChildRun.Option(arguments, "--steps") ?? "500");
        if (ChildRun.Option(arguments, "--child") is { } child) return Measure(setup, steps, child == "one");
        Console.WriteLine($"{setup}; {steps} steps of 16 rows; MB, medians of the last 10 steps");
        foreach (var (name, lengths) in ((string, string)[])[("one", $"every row {Length} tokens"), ("many", "rows with their original lengths")])
        {
            var numbers = ChildRun.Of(["steady-memory", "--child", name, .. arguments]).Numbers;
            var (resident, inUse, tensors, most) = ((numbers[0], numbers[1]), (numbers[2], numbers[3]), (numbers[4], numbers[5]), numbers[6]);
            Console.WriteLine($"  {lengths}: resident after step {From} {resident.Item1:F1}, after step {steps} {resident.Item2:F1}, growth " +
                $"{100 * (resident.Item2 / resident.Item1 - 1):F2} %, most {most:F1}");
            Console.WriteLine($"    resident after every {From}th step: {string.Join(' ', numbers.Skip(7).Select(n => n.ToString("F0")))}");
            Console.WriteLine($"    of that, allocated: {inUse.Item1:F1}, {inUse.Item2:F1}; live tensors: {tensors.Item1}, {tensors.Item2}");
        }
        return 0;
    }

    private static int Measure(TrainingSetup setup, int steps, bool oneLength)
    {
        using var model = setup.Load();
        var (memory, allocated, tensors) = (new List<double>(), new List<double>(), new List<double>());
        var told = new Told(p =>
        {
            memory.Add(p.Memory / 1e6);
            allocated.Add(mallinfo2().Allocated / 1e6);
            tensors.Add(DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        });
        var options = setup.Options(setup.Method(model, 0), new() { Epochs = 1000, MaxSteps = steps, Patience = 0, HeadFirst = false, LearningRate = 1e-3 });
        var rows = setup.Read("train", setup.Rows);
        if (oneLength)
        {
            rows = [.. rows.Select(r => r with { Text = string.Join(' ', Enumerable.Repeat(r.Text, Length)) })];
            options = options with { MaxTokens = Length };
        }
        using var trained = TextClassifier.Train(model, rows, options, told);
        return ChildRun.Report([Before(memory), Behind(memory), Before(allocated), Behind(allocated), tensors[From - 1], tensors[steps - 2], memory.Max(),
            .. Enumerable.Range(1, memory.Count / From).Select(k => memory[k * From - 1])]);

        double Before(List<double> values) => ChildRun.Median(values.Skip(From - 10).Take(10));
        double Behind(List<double> values) => ChildRun.Median(values.TakeLast(10));
    }

    /// <summary>The allocation statistics of glibc (2.33 and later): ten numbers of bytes, of which the eighth is the memory allocated in all arenas.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 80)]
    private struct MallocInfo
    {
        [FieldOffset(56)] public long Allocated;
    }

    [DllImport("libc")] private static extern MallocInfo mallinfo2();

    private sealed class Told(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }
}
