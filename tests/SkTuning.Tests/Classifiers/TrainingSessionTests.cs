using SkTuning.Tests.Training;
using TorchSharp;

namespace SkTuning.Tests.Classifiers;

public sealed class TrainingSessionTests(SmallTask task) : IClassFixture<SmallTask>
{
    private static readonly TrainingOptions Plain = new() { Epochs = 2, BatchSize = 8, Patience = 0 };

    [Fact]
    public void Each_adapter_is_that_of_its_single_run()
    {
        var middle = new SkPrefixOptions { Bottleneck = 4, FirstLayer = 3 };
        (TuningOptions Method, TrainingOptions Training, string Prompt)[] runs =
        [
            (middle, Plain, "Classify the topic:"), (middle, Plain with { LearningRate = 1e-2 }, "Classify the topic:"),
            (middle, Plain with { Seed = 7 }, "Classify the topic:"),
            (middle, Plain, "What does the customer write about?"), (new SkPrefixOptions { Bottleneck = 4 }, Plain, "Classify the topic:"),
            (new ProbeOptions(), Plain, ""),
        ];
        using var session = new TrainingSession(task.Model);
        foreach (var (method, training, prompt) in runs)
        {
            var options = task.Options(training, method) with { Prompt = prompt };
            using var alone = TextClassifier.Train(task.Model, task.Rows, options);
            using var shared = TextClassifier.Train(session, task.Rows, options);
            Assert.All(alone.Report!.Epochs.Zip(shared.Report!.Epochs), p => Assert.Equal(p.First.DevLoss, p.Second.DevLoss, 1e-5));
            Assert.All(SmallTask.Values(alone).Zip(SmallTask.Values(shared)), p => Assert.Equal(p.First, p.Second, 1e-5f));
        }
        Assert.True(session.Shared.Found > 10, $"{session.Shared.Found}");
    }

    /// <summary>A fitted head is the start of another one only if nothing that it was fitted to differs.</summary>
    [Fact]
    public void A_head_belongs_to_its_answers_and_settings()
    {
        using var session = new TrainingSession(task.Model);
        string[] labels = [.. task.Rows.Select(r => r.Label).Distinct()];
        IReadOnlyList<Row> Turned(IReadOnlyList<Row> rows)
            => [.. rows.Select(r => new Row(r.Text, labels[(Array.IndexOf(labels, r.Label) + 1) % labels.Length]))];
        var once = Plain with { Epochs = 1 };
        (IReadOnlyList<Row> Rows, IReadOnlyList<Row> Dev, TrainingOptions Training)[] runs =
        [
            (task.Rows, task.Dev, once),
            (Turned(task.Rows), task.Dev, once),
            (task.Rows, Turned(task.Dev), once),
            (task.Rows, task.Dev, once with { Metric = "loss" }),
            (task.Rows, task.Dev, once with { WeightDecay = 0.5 }),
            (task.Rows, task.Dev, once with { LearningRate = 1e-2 }),
        ];
        foreach (var (rows, dev, training) in runs)
        {
            var options = task.Options(training) with { Dev = dev };
            using var alone = TextClassifier.Train(task.Model, rows, options);
            using var shared = TextClassifier.Train(session, rows, options);
            Assert.Equal(alone.Report!.Epochs[0].DevLoss, shared.Report!.Epochs[0].DevLoss, 1e-5);
            Assert.All(SmallTask.Values(alone).Zip(SmallTask.Values(shared)), p => Assert.Equal(p.First, p.Second, 1e-5f));
        }
    }

    [Fact]
    public void An_adapter_lives_on_when_the_session_is_gone_and_nothing_is_left_behind()
    {
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        TextClassifier trained;
        using (var session = new TrainingSession(task.Model)) trained = TextClassifier.Train(session, task.Rows, task.Options(Plain with { Epochs = 1 }));
        using (trained) Assert.NotEmpty(trained.Predict("where is my parcel?").Label);
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void Outside_of_a_session_nothing_is_shared()
    {
        using var session = new TrainingSession(task.Model);
        using (TextClassifier.Train(session, task.Rows, task.Options(Plain with { Epochs = 1 }))) { }
        var found = session.Shared.Found;
        using (task.Train(Plain with { Epochs = 1 })) { }
        Assert.Equal(found, session.Shared.Found);
    }

    [Fact]
    public void The_range_test_passes_over_rates_that_learn_nothing_or_diverge()
    {
        using var session = new TrainingSession(task.Model);
        var tried = new List<double>();
        var rate = session.FindLearningRate((m, o) =>
        {
            tried.Add(o.LearningRate!.Value);
            return TextClassifier.Train(m, task.Rows, task.Options(o));
        }, Plain with { Epochs = 10, HeadFirst = false }, [1e-9, 3e-3, 10], steps: 9);
        Assert.Equal([1e-9, 3e-3, 10], tried);
        Assert.Equal(3e-3, rate);
    }
}
