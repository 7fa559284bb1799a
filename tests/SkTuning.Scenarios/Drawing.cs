namespace SkTuning.Scenarios;

/// <summary>
/// Trainings with dropout at the same time, with different methods, heads and tasks, beside a session's and beside predictions: each must be that of a training
/// alone, bit for bit.
/// </summary>
internal static class Drawing
{
    public static int Run(string path)
    {
        using var model = Setting.Load(path);
        using var classifier = Setting.Train(model);
        using var session = new TrainingSession(model);
        var training = Setting.Training(8);
        Func<TunedAdapter>[] trainings =
        [
            () => TextClassifier.Train(model, Setting.Texted, Setting.Options(8, new SkPrefixOptions { Bottleneck = 2, Dropout = 0.3 })),
            () => TextClassifier.Train(model, Setting.Texted, Setting.Options(8, new SkPrefixOptions { Bottleneck = 2, Dropout = 0.3 }, seed: 2)),
            () => TextClassifier.Train(model, Setting.Texted, Setting.Options(8, new LoraOptions { Dropout = 0.2 }) with
            {
                Head = new HuggingFaceHeadOptions(), Training = training with { RecomputeActivations = true },
            }),
            () => TextClassifier.Train(model, Setting.Texted, Setting.Options(8, new LTuningOptions())),
            () => TextClassifier.Train(model, Setting.Texted, Setting.Options(8)),
            () => TextRegressor.Train(model, Setting.Scored, new()
            {
                Prompt = "x", Dev = Setting.Scored, Training = training, Method = new LoraOptions { Dropout = 0.3 },
            }),
            () => TokenClassifier.Train(model, Setting.Tagged, new()
            {
                Prompt = "x", Dev = Setting.Tagged, Training = training, Method = new SkPrefixOptions { Bottleneck = 2, Dropout = 0.3 },
            }),
            () => TextClassifier.Train(session, Setting.Texted, Setting.Options(8, new SkPrefixOptions { Bottleneck = 2, Dropout = 0.3 })),
        ];
        string[] alone = [.. trainings.Select(Values)], together = new string[trainings.Length];
        var isOver = false;
        var predicting = new Thread(() => { while (!Volatile.Read(ref isOver)) classifier.Predict(Setting.Texts); });
        var sweep = new Thread(() =>
        {
            while (!Volatile.Read(ref isOver))
                foreach (var trained in session.TrainAll<TextClassifier>(
                    [.. Enumerable.Repeat((TrainingSession s) => TextClassifier.Train(s, Setting.Texted,
                        Setting.Options(2, new SkPrefixOptions { Bottleneck = 2, Dropout = 0.5 }, seed: 9)), 2)], maxParallel: 2))
                    trained.Dispose();
        });
        predicting.Start();
        sweep.Start();
        Thread[] threads = [.. trainings.Select((train, i) => new Thread(() => together[i] = Values(train)))];
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        Volatile.Write(ref isOver, true);
        predicting.Join();
        sweep.Join();
        for (var i = 0; i < alone.Length; i++) Console.WriteLine($"{i}: {(alone[i] == together[i] ? "same" : $"alone {alone[i]}, together {together[i]}")}");
        return alone.SequenceEqual(together) ? 0 : 1;
    }

    /// <summary>Trains, and returns the hash of the file of trained tensors.</summary>
    private static string Values(Func<TunedAdapter> train)
    {
        var folder = Path.Combine(Path.GetTempPath(), $"sktuning-{Guid.NewGuid():N}");
        using var trained = train();
        trained.Save(folder);
        var hash = Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(Path.Combine(folder, "adapter.safetensors"))));
        Directory.Delete(folder, recursive: true);
        return hash[..16];
    }
}
