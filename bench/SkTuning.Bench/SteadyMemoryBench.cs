using SkTuning.Inference;
using SkTuning.Training;
using TorchSharp;

namespace SkTuning.Bench;

/// <summary>Resident memory and live tensors over 500 steps.</summary>
internal static class SteadyMemoryBench
{
    private const int From = 50;

    public static int Run(string[] arguments)
    {
        var setup = new TrainingSetup(arguments);
        var steps = int.Parse(ChildRun.Option(arguments, "--steps") ?? "500");
        using var model = setup.Load();
        var (memory, tensors) = (new List<long>(), new List<long>());
        var told = new Told(p =>
        {
            memory.Add(p.Memory);
            tensors.Add(DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        });
        var options = setup.Options(setup.Method(model, 0), new() { Epochs = 1000, MaxSteps = steps, Patience = 0, HeadFirst = false, LearningRate = 1e-3 });
        using var trained = TextClassifier.Train(model, setup.Read("train", setup.Rows), options, told);
        double before = ChildRun.Median(memory.Skip(From - 10).Take(10).Select(m => (double)m)), after = ChildRun.Median(memory.TakeLast(10).Select(m => (double)m));
        Console.WriteLine($"{setup}; {steps} steps of 16 rows");
        Console.WriteLine($"  resident behind step {From}: {before / 1e6:F1} MB, behind step {steps}: {after / 1e6:F1} MB, growth {100 * (after / before - 1):F2} %; most {memory.Max() / 1e6:F1} MB");
        Console.WriteLine($"  live tensors behind step {From}: {tensors[From - 1]}, behind step {steps - 1}: {tensors[steps - 2]}");
        Console.WriteLine($"  MB behind every {From}th step: {string.Join(' ', Enumerable.Range(1, memory.Count / From).Select(k => (memory[k * From - 1] / 1e6).ToString("F0")))}");
        return 0;
    }

    private sealed class Told(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }
}
