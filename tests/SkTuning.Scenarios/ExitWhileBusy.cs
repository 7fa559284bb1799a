namespace SkTuning.Scenarios;

/// <summary>
/// The process ends while other threads work. Arguments: what they do, and how the process ends (return, exit or throw). It must end with 0, 3 or, after an
/// exception that nobody catches, as .NET ends it: never inside libtorch.
/// </summary>
internal static class ExitWhileBusy
{
    public static int Run(string path, string[] arguments)
    {
        var model = Setting.Load(path);
        using var busy = new CountdownEvent(1);
        Begin(arguments[0], path, model, busy);
        busy.Wait();
        Thread.Sleep(Random.Shared.Next(60));
        Console.WriteLine("leaving");
        if (arguments[1] == "exit") Environment.Exit(3);
        if (arguments[1] == "throw") throw new TimeZoneNotFoundException("nobody catches this");
        return 0;
    }

    /// <summary>The process ends while another thread loads libtorch. Argument: after how many milliseconds.</summary>
    public static int WhileLoading(string[] arguments)
    {
        new Thread(() => RuntimeSettings.Start(1, fast: true)) { IsBackground = true }.Start();
        Thread.Sleep(int.Parse(arguments[0], System.Globalization.CultureInfo.InvariantCulture));
        return 0;
    }

    private static void Begin(string work, string path, FrozenModel model, CountdownEvent busy)
    {
        var progress = new Started(busy);
        switch (work)
        {
            case "train-async":
                _ = TextClassifier.TrainAsync(model, Setting.Texted, Setting.Options(100_000), progress);
                break;
            case "train":
                new Thread(() => TextClassifier.Train(model, Setting.Texted, Setting.Options(100_000), progress)) { IsBackground = true }.Start();
                break;
            case "session":
                var session = new TrainingSession(model);
                new Thread(() => session.TrainAll<TextClassifier>(
                    [.. Enumerable.Range(0, 3).Select(i => (Func<TrainingSession, TextClassifier>)(s => TextClassifier.Train(s, Setting.Texted,
                        Setting.Options(100_000, new LoraOptions { Dropout = 0.1 }, (ulong)i), progress)))], maxParallel: 3))
                { IsBackground = true }.Start();
                break;
            case "predict":
                var classifier = Setting.Train(model);
                for (var i = 0; i < 4; i++) Forever(() => classifier.Predict(Setting.Texts), busy);
                break;
            case "stream":
                var streamed = Setting.Train(model);
                _ = Task.Run(async () => { await foreach (var _ in streamed.PredictAsync(Endless())) progress.Begin(); });
                break;
            case "evaluate":
                var evaluated = Setting.Train(model);
                Forever(() => evaluated.EvaluateAsync([.. Enumerable.Repeat(Setting.Texted, 50).SelectMany(r => r)]).Wait(), busy);
                break;
            case "load":
                Forever(() => Setting.Load(path).Dispose(), busy);
                break;
            default:
                throw new ArgumentException($"There is no work '{work}'.");
        }
    }

    private static void Forever(Action act, CountdownEvent busy) => new Thread(() =>
    {
        while (true)
        {
            act();
            lock (busy)
                if (!busy.IsSet) busy.Signal();
        }
    })
    { IsBackground = true }.Start();

    private static async IAsyncEnumerable<string> Endless()
    {
        while (true)
        {
            await Task.Yield();
            yield return "a text";
        }
    }

    private sealed class Started(CountdownEvent busy) : IProgress<TrainingProgress>
    {
        private int _begun;

        public void Report(TrainingProgress value) => Begin();

        public void Begin()
        {
            if (Interlocked.Exchange(ref _begun, 1) == 0) busy.Signal();
        }
    }
}
