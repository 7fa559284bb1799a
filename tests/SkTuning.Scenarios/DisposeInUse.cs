namespace SkTuning.Scenarios;

/// <summary>
/// Objects are disposed while 8 threads use them. Argument: the number of rounds. Each call gives the right answer or an <see cref="ObjectDisposedException"/>.
/// </summary>
internal static class DisposeInUse
{
    public static int Run(string path, string[] arguments)
    {
        var (answered, refused) = (0, 0);
        for (var round = 0; round < int.Parse(arguments[0], System.Globalization.CultureInfo.InvariantCulture); round++)
        {
            var model = Setting.Load(path);
            var session = new TrainingSession(model);
            var classifier = Setting.Train(model);
            var expected = Answers(classifier.Predict(Setting.Texts));
            Action[] uses =
            [
                () => Check(classifier.Predict(Setting.Texts)), () => Check(classifier.Predict(Setting.Texts)), () => classifier.Evaluate(Setting.Texted),
                () => classifier.Explain("a good film", kind: ExplanationKind.GradientTimesInput),
                () => Check([.. classifier.PredictAsync(Texts()).ToBlockingEnumerable()]),
                () => Setting.Train(model).Dispose(), () => TextClassifier.Train(session, Setting.Texted, Setting.Options(1)).Dispose(),
                () =>
                {
                    Func<TrainingSession, TextClassifier> train = s => TextClassifier.Train(s, Setting.Texted, Setting.Options(1));
                    foreach (var trained in session.TrainAll([train, train], 2)) trained.Dispose();
                },
            ];
            Exception? fault = null;
            Thread[] threads = [.. uses.Select(use => new Thread(() =>
            {
                try
                {
                    while (true)
                    {
                        use();
                        Interlocked.Increment(ref answered);
                    }
                }
                catch (ObjectDisposedException e) when (e.ObjectName!.StartsWith("SkTuning.", StringComparison.Ordinal)) { Interlocked.Increment(ref refused); }
                catch (Exception e) { fault = e; }
            }))];
            foreach (var thread in threads) thread.Start();
            Thread.Sleep(Random.Shared.Next(150));
            IDisposable[] objects = [classifier, session, model];
            Random.Shared.Shuffle(objects);
            foreach (var used in objects)
            {
                used.Dispose();
                Thread.Sleep(Random.Shared.Next(20));
            }
            foreach (var thread in threads) thread.Join();
            if (fault is not null)
            {
                Console.WriteLine($"round {round}: {fault}");
                return 1;
            }

            void Check(IReadOnlyList<TextClassifierPrediction> predictions)
            {
                if (!Answers(predictions).SequenceEqual(expected)) throw new InvalidDataException("a prediction is not the one expected");
            }
        }
        Console.WriteLine($"{answered} answered, {refused} refused");
        return 0;

        static double[] Answers(IReadOnlyList<TextClassifierPrediction> predictions) => [.. predictions.Select(p => Math.Round(p.Scores["a"], 5))];

        static async IAsyncEnumerable<string> Texts()
        {
            foreach (var text in Setting.Texts)
            {
                await Task.Yield();
                yield return text;
            }
        }
    }
}
