using SkTuning.Tests.Training;
using TorchSharp;

namespace SkTuning.Tests.Classifiers;

/// <summary>Adapters that are trained in parallel are the same as those of their single runs.</summary>
[Collection(Alone.Name)]
public sealed class ParallelTrainingsTests(SmallTask task) : IClassFixture<SmallTask>
{
    private static readonly TrainingOptions Plain = new() { Epochs = 2, BatchSize = 8, Patience = 0 };

    [Fact]
    public void Each_is_the_adapter_of_its_single_run_also_where_something_is_drawn_at_random()
    {
        (TuningOptions Method, TrainingOptions Training)[] runs =
        [
            (new SkPrefixOptions { Bottleneck = 4, FirstLayer = 3 }, Plain),
            (new SkPrefixOptions { Bottleneck = 4, FirstLayer = 3 }, Plain with { LearningRate = 1e-2 }),
            (new SkPrefixOptions { Bottleneck = 4, Dropout = 0.3 }, Plain), (new LoraOptions { Dropout = 0.3 }, Plain with { RecomputeActivations = true }),
            (new LTuningOptions(), Plain), (new SkPrefixOptions { Bottleneck = 4 }, Plain with { Seed = 7 }),
        ];
        var threads = torch.get_num_threads();
        using var session = new TrainingSession(task.Model);
        var together = session.TrainAll<TextClassifier>([.. runs.Select(
            r => (Func<TrainingSession, TextClassifier>)(m => TextClassifier.Train(m, task.Rows, task.Options(r.Training, r.Method))))], maxParallel: 3);
        Assert.Equal(threads, torch.get_num_threads());
        foreach (var ((method, training), trained) in runs.Zip(together))
            using (trained)
            {
                using var alone = TextClassifier.Train(task.Model, task.Rows, task.Options(training, method));
                Assert.Equal(alone.Report!.Epochs.Count, trained.Report!.Epochs.Count);
                Assert.All(alone.Report.Epochs.Zip(trained.Report.Epochs), p => Assert.Equal(p.First.DevLoss, p.Second.DevLoss, 1e-5));
                Assert.All(SmallTask.Values(alone).Zip(SmallTask.Values(trained)), p => Assert.Equal(p.First, p.Second, 1e-5f));
            }
        Assert.True(session.Shared.Found > 5, $"{session.Shared.Found}");
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task Trainings_that_callers_start_at_the_same_time_are_those_of_their_single_runs(bool inSession)
    {
        // The first three share the layers below the third; their rows differ, so that one training replaces the cache that another one is reading.
        string[] templates = ["{text}", "Message: {text}", "{text} Topic:"];
        var (prefix, lora) = (new SkPrefixOptions { Bottleneck = 4, FirstLayer = 3, Dropout = 0.3 }, new LoraOptions { Dropout = 0.3 });
        TextClassifierOptions[] runs =
        [
            .. templates.Select(t => task.Options(Plain, prefix) with { Template = t }),
            task.Options(Plain, lora), task.Options(Plain with { Seed = 7 }, lora),
        ];
        using var session = new TrainingSession(task.Model);
        var together = await Task.WhenAll(runs.Select(options => inSession ? TextClassifier.TrainAsync(session, task.Rows, options)
            : TextClassifier.TrainAsync(task.Model, task.Rows, options)));
        foreach (var (options, trained) in runs.Zip(together))
            using (trained)
            {
                using var alone = TextClassifier.Train(task.Model, task.Rows, options);
                Assert.All(SmallTask.Values(alone).Zip(SmallTask.Values(trained)), p => Assert.Equal(p.First, p.Second, 1e-5f));
            }
        Assert.Equal(1, session.Shared.Parallel);
    }

    [Fact]
    public void The_first_failure_is_thrown_and_what_the_others_made_is_given_back()
    {
        using var session = new TrainingSession(task.Model);
        TextClassifier? made = null;
        var threads = torch.get_num_threads();
        using var good = new ManualResetEventSlim();
        Func<TrainingSession, TextClassifier>[] trainings =
        [
            m =>
            {
                made = TextClassifier.Train(m, task.Rows, task.Options(Plain with { Epochs = 1 }));
                good.Set();
                return made;
            },
            m =>
            {
                good.Wait(TestContext.Current.CancellationToken);
                return TextClassifier.Train(m, task.Rows, task.Options(Plain with { LearningRate = 1e6 }));
            },
        ];
        Assert.Contains("LearningRate", Assert.ThrowsAny<SkTuningException>(() => session.TrainAll(trainings, maxParallel: 2)).Message);
        Assert.True(made!.Adapter.Tuned.Parameters.Values.IsInvalid);
        Assert.Equal((threads, 1), (torch.get_num_threads(), session.Shared.Parallel));
    }

    [Fact]
    public void A_rate_is_found_with_several_at_once()
    {
        using var session = new TrainingSession(task.Model);
        Assert.Equal(3e-3, session.FindLearningRate((m, o) => TextClassifier.Train(m, task.Rows, task.Options(o)),
            Plain with { Epochs = 10, HeadFirst = false }, [1e-9, 3e-3, 10], steps: 9, maxParallel: 3));
    }
}
