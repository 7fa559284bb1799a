using System.Globalization;

namespace SkTuning.Bench;

/// <summary>
/// Four learning rates in one process with one loaded model, as many in parallel as there are threads, compared with four consecutive processes with all
/// threads each. Injection is from the middle layer upward.
/// </summary>
internal static class SweepBench
{
    private static readonly double[] Rates = [3e-4, 1e-3, 3e-3, 1e-2];

    public static int Run(string[] arguments)
    {
        if (ChildRun.Option(arguments, "--child") is { } child)
            return Train(child.Split(',').Select(r => double.Parse(r, CultureInfo.InvariantCulture)), new(arguments));
        if (ChildRun.Option(arguments, "--threads") is null) arguments = [.. arguments, "--threads", $"{Environment.ProcessorCount}"];
        var rounds = int.Parse(ChildRun.Option(arguments, "--rounds") ?? "2");
        var (together, alone) = (new List<ChildRun>(), new List<ChildRun[]>());
        for (var r = 0; r < rounds; r++)
        {
            together.Add(Child(Rates));
            alone.Add([.. Rates.Select(rate => Child([rate]))]);
        }
        var (one, four) = (ChildRun.Median(together.Select(c => c.Wall)), ChildRun.Median(alone.Select(a => a.Sum(c => c.Wall))));
        var (onePeak, fourPeak) = (ChildRun.Median(together.Select(c => (double)c.Peak)), ChildRun.Median(alone.Select(a => a.Sum(c => (double)c.Peak))));
        Console.WriteLine($"{new TrainingSetup(arguments)}; 4 learning rates, injection from the middle layer; medians of {rounds} rounds, alternating");
        Console.WriteLine($"  one process                              {one:F1} s, peak {onePeak / 1e6:F0} MB");
        Console.WriteLine($"  four processes, one after another        {four:F1} s, peaks {fourPeak / 1e6:F0} MB in sum");
        Console.WriteLine($"  ratio                                    {one / four:F2} of the time, {onePeak / fourPeak:F2} of the memory of four at once");
        Console.WriteLine($"  largest difference of dev losses         " +
            $"{together[0].Numbers.Zip(alone[0].Select(a => a.Numbers[0]), (a, b) => Math.Abs(a - b)).Max():E1}");
        return 0;

        ChildRun Child(double[] rates)
            => ChildRun.Of(["sweep", .. arguments, "--child", string.Join(',', rates.Select(r => r.ToString(CultureInfo.InvariantCulture)))]);
    }

    private static int Train(IEnumerable<double> rates, TrainingSetup setup)
    {
        using var model = setup.Load();
        var rows = setup.Read("train", setup.Rows);
        using var session = new TrainingSession(model);
        var trained = session.TrainAll<TextClassifier>([.. rates.Select(rate =>
        {
            var options = setup.Options(setup.Method(model), new() { Epochs = setup.Epochs, Patience = 0, LearningRate = rate });
            return (Func<TrainingSession, TextClassifier>)(shared => TextClassifier.Train(shared, rows, options));
        })]);
        double[] losses = [.. trained.Select(t => t.Report!.Epochs[^1].DevLoss)];
        foreach (var classifier in trained) classifier.Dispose();
        return ChildRun.Report(losses);
    }
}
