using SkTuning.Diagnostics;
using SkTuning.Peft;

namespace SkTuning.Scenarios;

/// <summary>Every use of a disposed object is refused with the name of its class.</summary>
internal static class UseAfterDispose
{
    public static int Run(string path)
    {
        var faults = 0;
        var folder = Path.Combine(Path.GetTempPath(), $"sktuning-{Guid.NewGuid():N}");
        var model = Setting.Load(path);
        var saved = Path.Combine(folder, "saved");
        var lora = Setting.Options(1, new LoraOptions()) with { Head = new HuggingFaceHeadOptions() };
        TextClassifier Lora() => TextClassifier.Train(model, Setting.Texted, lora);
        var (kept, text) = (Lora(), Lora());
        var many = MultiLabelClassifier.Train(model, Setting.Texted, new() { Prompt = "x", Dev = Setting.Texted, Training = Setting.Training(1) });
        var number = TextRegressor.Train(model, Setting.Scored, new() { Prompt = "x", Dev = Setting.Scored, Training = Setting.Training(1) });
        var words = TokenClassifier.Train(model, Setting.Tagged, new() { Prompt = "x", Dev = Setting.Tagged, Training = Setting.Training(1) });
        kept.Save(saved);
        TunedAdapter[] disposed = [text, many, number, words];
        foreach (var adapter in disposed)
        {
            adapter.Dispose();
            adapter.Dispose();
            var name = adapter.GetType().Name;
            Refused(name, () => adapter.PredictTexts(["a"]));
            Refused(name, () => adapter.PredictTexts([]));
            Refused(name, () => adapter.Save(Path.Combine(folder, name)));
            Refused(name, () => PeftInterop.Export(adapter, Path.Combine(folder, name)));
            Refused(name, () => AdapterMerge.Write(adapter, Path.Combine(folder, name)));
        }
        Refused(nameof(TextClassifier), () => text.Predict("a"));
        Refused(nameof(TextClassifier), () => text.PredictPair("a", "b"));
        Refused(nameof(TextClassifier), () => text.Evaluate(Setting.Texted));
        Refused(nameof(TextClassifier), () => text.EvaluateAsync(Setting.Texted).GetAwaiter().GetResult());
        Refused(nameof(TextClassifier), () => text.Explain("a b"));
        Refused(nameof(TextClassifier), () => text.Explain("a b", kind: ExplanationKind.GradientTimesInput));
        Refused(nameof(TextClassifier), () => text.Calibrate(Setting.Texted));
        Refused(nameof(TextClassifier), () => text.Coverage(Setting.Texted));
        Refused(nameof(TextClassifier), () => text.RequireAccuracy(0.9, Setting.Texted));
        Refused(nameof(TextClassifier), () => text.RequireCoverage(0.5, Setting.Texted));
        Refused(nameof(TextClassifier), () => text.WithDecision(text.Decision));
        Refused(nameof(TextClassifier), () => { foreach (var _ in text.PredictAsync(None()).ToBlockingEnumerable()) { } });
        Refused(nameof(MultiLabelClassifier), () => many.WithDecision(many.Decision));
        Refused(nameof(MultiLabelClassifier), () => many.Evaluate(Setting.Texted));
        Refused(nameof(TextRegressor), () => number.Evaluate(Setting.Scored));
        Refused(nameof(TokenClassifier), () => words.Evaluate(Setting.Tagged));
        Refused(nameof(TokenClassifier), () => words.Predict(Setting.Tagged));

        using var session = new TrainingSession(model);
        using (var ended = new TrainingSession(model))
        {
            ended.Dispose();
            Refused(nameof(TrainingSession), () => TextClassifier.Train(ended, Setting.Texted, Setting.Options(1)));
            Refused(nameof(TrainingSession), () => ended.TrainAll<TextClassifier>([]));
            Refused(nameof(TrainingSession), () => ended.FindLearningRate((s, o) => kept, new()));
        }
        // A decision shares the adapter: disposing one of the two does not take it from the other.
        var other = kept.WithDecision(kept.Decision with { Temperature = 2 });
        kept.Dispose();
        _ = other.Predict("a");

        model.Dispose();
        model.Dispose();
        const string Model = nameof(FrozenModel);
        Refused(Model, () => other.Predict("a"));
        Refused(Model, () => other.Evaluate(Setting.Texted));
        Refused(Model, () => other.Explain("a b"));
        Refused(Model, () => PeftInterop.Export(other, Path.Combine(folder, "export")));
        Refused(Model, () => Setting.Train(model));
        Refused(Model, () => TextClassifier.TrainAsync(model, Setting.Texted, Setting.Options(1)).GetAwaiter().GetResult());
        Refused(Model, () => TextClassifier.Train(session, Setting.Texted, Setting.Options(1)));
        Refused(Model, () => session.TrainAll<TextClassifier>([]));
        Refused(Model, () => TextClassifier.Load(saved, model));
        Refused(Model, () => TunedAdapter.Load(saved, model));
        Refused(Model, () => TunedAdapter.LoadAsync(saved, model).GetAwaiter().GetResult());
        Refused(Model, () => AnswerRanker.Rank(model, "Q", ["a", "b"]));
        Refused(Model, () => SelfCheck.Run(model));
        Refused(Model, () => PeftInterop.Import<TextClassifier>(saved, model));
        other.Save(Path.Combine(folder, "after"));                             // needs only the adapter
        other.Dispose();
        Directory.Delete(folder, recursive: true);
        Console.WriteLine(faults == 0 ? "all refused" : $"{faults} faults");
        return faults == 0 ? 0 : 1;

        void Refused(string name, Action act)
        {
            try
            {
                act();
                Console.WriteLine($"{name}: not refused{Environment.NewLine}{Environment.StackTrace.Split('\n')[3]}");
            }
            catch (ObjectDisposedException e) when (e.ObjectName == "SkTuning." + name) { return; }
            catch (Exception e) { Console.WriteLine($"{name}: {e}"); }
            faults++;
        }

        static async IAsyncEnumerable<string> None()
        {
            await Task.Yield();
            yield break;
        }
    }
}
