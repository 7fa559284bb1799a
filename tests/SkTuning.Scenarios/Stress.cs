using System.Diagnostics;
using System.Globalization;
using TorchSharp;

namespace SkTuning.Scenarios;

/// <summary>
/// Eight threads predict, two train, one saves and one loads the same folder. Arguments: the seconds with one set of objects, and the number of rounds of one
/// second each, with new objects that are disposed while they are used. Nothing may fail, every prediction must be the expected one, and tensors and memory
/// must be back where they were.
/// The long run: <c>dotnet artifacts/bin/SkTuning.Scenarios/debug/SkTuning.Scenarios.dll stress assets/models/tiny 600 100</c>
/// </summary>
internal static class Stress
{
    private const int Predictors = 8, Trainers = 2;

    /// <summary>Freed memory that the allocator keeps, and what the runtime itself grows by.</summary>
    private const long AllowedGrowth = 96L << 20;

    public static int Run(string path, string[] arguments)
    {
        var (seconds, rounds) = (Number(arguments[0]), Number(arguments[1]));
        using var folder = new Folder();
        var counts = new Counts();
        Round(path, folder, TimeSpan.FromSeconds(1), counts);                     // warms up what is created once
        var before = (Tensors: Tensors(), Memory: Environment.WorkingSet);
        Round(path, folder, TimeSpan.FromSeconds(seconds), counts);
        for (var round = 0; round < rounds && counts.Fault is null; round++) Round(path, folder, TimeSpan.FromSeconds(1), counts);
        var after = (Tensors: Tensors(), Memory: Environment.WorkingSet);
        Console.WriteLine($"{counts.Predicted} predictions, {counts.Trained} trainings, {counts.Saved} saves, {counts.Loaded} loads, {counts.Refused} refused");
        Console.WriteLine($"tensors {before.Tensors} -> {after.Tensors}, memory {before.Memory >> 20} -> {after.Memory >> 20} MB");
        if (counts.Fault is not null) Console.WriteLine(counts.Fault);
        return counts.Fault is null && after.Tensors <= before.Tensors && after.Memory < before.Memory + AllowedGrowth ? 0 : 1;
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static long Tensors()
    {
        for (var i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        return torch.Tensor.TotalCount;
    }

    private static void Round(string path, Folder folder, TimeSpan time, Counts counts)
    {
        var model = Setting.Load(path);
        TextClassifier[] made = [Setting.Train(model), Setting.Train(model, 3, seed: 2)];
        double[][] expected = [.. made.Select(c => Answers(c.Predict(Setting.Texts)))];
        made[0].Save(folder.Path);
        List<Action> uses = [];
        for (var p = 0; p < Predictors; p++)
        {
            var which = p % made.Length;
            uses.Add(() =>
            {
                Check(made[which].Predict(Setting.Texts), expected[which]);
                Interlocked.Increment(ref counts.Predicted);
            });
        }
        for (var t = 0; t < Trainers; t++)
            uses.Add(() =>
            {
                using var trained = Setting.Train(model);
                Check(Predicted(trained), expected[0]);
                Interlocked.Increment(ref counts.Trained);
            });
        var saves = 0;
        uses.Add(() =>
        {
            made[saves++ % made.Length].Save(folder.Path);
            Interlocked.Increment(ref counts.Saved);
        });
        uses.Add(() =>
        {
            using var loaded = TextClassifier.Load(folder.Path, model);
            Check(Predicted(loaded), [.. expected]);
            Interlocked.Increment(ref counts.Loaded);
        });

        var clock = Stopwatch.StartNew();
        Thread[] threads = [.. uses.Select(use => new Thread(() => Repeat(use, counts)))];
        foreach (var thread in threads) thread.Start();
        while (clock.Elapsed < time && counts.Fault is null) Thread.Sleep(10);
        foreach (var classifier in made) classifier.Dispose();
        model.Dispose();
        foreach (var thread in threads) thread.Join();

        IReadOnlyList<TextClassifierPrediction> Predicted(TextClassifier classifier) => classifier.Predict(Setting.Texts);
    }

    private static void Repeat(Action use, Counts counts)
    {
        try
        {
            while (counts.Fault is null) use();
        }
        catch (ObjectDisposedException e) when (e.ObjectName!.StartsWith("SkTuning.", StringComparison.Ordinal)) { Interlocked.Increment(ref counts.Refused); }
        catch (Exception e) { counts.Fault = e; }
    }

    private static void Check(IReadOnlyList<TextClassifierPrediction> predictions, params double[][] expected)
    {
        var answers = Answers(predictions);
        if (!expected.Any(e => e.SequenceEqual(answers))) throw new InvalidDataException($"a prediction is not the one expected: {string.Join(' ', answers)}");
    }

    private static double[] Answers(IReadOnlyList<TextClassifierPrediction> predictions) => [.. predictions.Select(p => Math.Round(p.Scores["a"], 5))];

    private sealed class Counts
    {
        public long Predicted, Trained, Saved, Loaded, Refused;

        public volatile Exception? Fault;
    }

    private sealed class Folder : IDisposable
    {
        public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"sktuning-{Guid.NewGuid():N}");

        public void Dispose()
        {
            if (Directory.Exists(Path)) Directory.Delete(Path, recursive: true);
        }
    }
}
