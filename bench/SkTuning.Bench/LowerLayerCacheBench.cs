namespace SkTuning.Bench;

/// <summary>
/// Epochs with injection from the middle layer upward, with and without a cache of the states below it. Whole runs alternate, and the first epoch of each is
/// not counted.
/// </summary>
internal static class LowerLayerCacheBench
{
    public static int Run(string[] arguments)
    {
        var setup = new TrainingSetup(arguments);
        var rounds = int.Parse(ChildRun.Option(arguments, "--rounds") ?? "2");
        using var model = setup.Load();
        var rows = setup.Read("train", setup.Rows);
        var (kept, again) = (new List<double>(), new List<double>());
        var (firstKept, firstAgain) = (new List<double>(), new List<double>());
        var scores = new List<double>();
        for (var round = 0; round < rounds; round++)
            foreach (var (cache, later, first) in ((long, List<double>, List<double>)[])[(1L << 30, kept, firstKept), (0, again, firstAgain)])
            {
                var options = setup.Options(setup.Method(model), new() { Epochs = setup.Epochs, Patience = 0, StateCacheMemory = cache, LearningRate = 1e-3 });
                var ends = new List<double>();
                using var trained = TextClassifier.Train(model, rows, options,
                    new Told(p => { if (p.CompletedEpoch is not null) ends.Add(p.Elapsed.TotalSeconds); }));
                first.Add(ends[0]);
                later.AddRange(ends.Zip(ends.Skip(1), (a, b) => b - a));
                scores.Add(trained.Report!.DevScore);
            }
        Console.WriteLine($"{setup}; injection from layer {model.Config.Layers / 2} of {model.Config.Layers}; medians of {rounds} runs of {setup.Epochs} " +
            "epochs each, in turns");
        Console.WriteLine($"  an epoch from the second on, states kept       {ChildRun.Median(kept):F2} s");
        Console.WriteLine($"  an epoch from the second on, computed again    {ChildRun.Median(again):F2} s");
        Console.WriteLine($"  ratio                                          {ChildRun.Median(again) / ChildRun.Median(kept):F2}");
        Console.WriteLine($"  to the end of the first (head first, filling)  {ChildRun.Median(firstKept):F2} s kept, {ChildRun.Median(firstAgain):F2} s not");
        Console.WriteLine($"  dev accuracy                                   {string.Join(", ", scores.Select(s => s.ToString("F4")))}");
        return 0;
    }

    private sealed class Told(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }
}
