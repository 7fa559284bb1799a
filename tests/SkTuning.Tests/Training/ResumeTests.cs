using System.Text.Json;
using SkTuning.Training.Runs;

namespace SkTuning.Tests.Training;

/// <summary>Contract 6: a run that was stopped and resumed is the run that never stopped.</summary>
public sealed class ResumeTests(SmallTask task) : IClassFixture<SmallTask>
{
    private static readonly TrainingOptions Plain = new() { Epochs = 3, BatchSize = 8, Patience = 0 };

    [Theory, InlineData(1), InlineData(3), InlineData(4), InlineData(8)]
    public void A_run_stopped_behind_any_step_ends_with_the_same_losses_and_parameters(int stopBehind)
    {
        if (stopBehind == 8) TestDevice.SkipElsewhere("step 8 is reported when step 9, the last one, has been taken");
        using var folder = new TemporaryFolder();
        var (whole, parts) = (new List<double>(), new List<double>());
        using var undisturbed = task.Train(Plain, p => whole.Add(p.Loss));
        using var stop = new CancellationTokenSource();
        var options = Plain with { RunFolder = folder["run"] };
        var e = Assert.ThrowsAny<TrainingCanceledException>(() => task.Train(options, p =>
        {
            parts.Add(p.Loss);
            if (p.Step == stopBehind) stop.Cancel();
        }, cancel: stop.Token));
        e.Result.Dispose();
        using var resumed = task.Train(options with { Resume = true }, p => parts.Add(p.Loss));
        Assert.Equal(whole, parts);
        Assert.Equal(SmallTask.Values(undisturbed), SmallTask.Values(resumed));
        Assert.Equal(undisturbed.Report!.Epochs, resumed.Report!.Epochs);
        Assert.False(resumed.Report.WasCanceled);
    }

    [Fact]
    public void Sgd_with_momentum_goes_on_where_it_stood()
    {
        using var folder = new TemporaryFolder();
        var plain = Plain with { Optimizer = OptimizerKind.Sgd, Schedule = ScheduleKind.Cosine, LearningRate = 0.1 };
        using var undisturbed = task.Train(plain);
        using var stop = new CancellationTokenSource();
        Assert.ThrowsAny<TrainingCanceledException>(() => task.Train(plain with { RunFolder = folder["run"] }, p =>
        {
            if (p.Step == 5) stop.Cancel();
        }, cancel: stop.Token)).Result.Dispose();
        using var resumed = task.Train(plain with { RunFolder = folder["run"], Resume = true });
        Assert.Equal(SmallTask.Values(undisturbed), SmallTask.Values(resumed));
    }

    [Fact]
    public void Adafactor_continues_with_the_means_that_it_kept()
    {
        using var folder = new TemporaryFolder();
        var plain = Plain with { Optimizer = OptimizerKind.Adafactor, KeepLast = true, LearningRate = 0.01 };
        using var undisturbed = task.Train(plain);
        using var stop = new CancellationTokenSource();
        Assert.ThrowsAny<TrainingCanceledException>(() => task.Train(plain with { RunFolder = folder["run"] }, p =>
        {
            if (p.Step == 5) stop.Cancel();
        }, cancel: stop.Token)).Result.Dispose();
        using var resumed = task.Train(plain with { RunFolder = folder["run"], Resume = true });
        Assert.Equal(SmallTask.Values(undisturbed), SmallTask.Values(resumed));
        Assert.Equal(undisturbed.Report!.DevScore, resumed.Report!.DevScore);
    }

    [Fact]
    public void A_finished_run_that_is_resumed_trains_nothing_and_is_the_same()
    {
        using var folder = new TemporaryFolder();
        var options = Plain with { RunFolder = folder["run"] };
        using var first = task.Train(options);
        var steps = 0;
        using var again = task.Train(options with { Resume = true }, _ => steps++);
        Assert.Equal(0, steps);
        Assert.Equal(SmallTask.Values(first), SmallTask.Values(again));
        Assert.Equal(first.Report!.Steps, again.Report!.Steps);
    }

    [Fact]
    public void The_folder_tells_of_the_run()
    {
        using var folder = new TemporaryFolder();
        using var trained = task.Train(Plain with { RunFolder = folder["run"], CheckpointSteps = 2 });
        string At(string name) => Path.Combine(folder["run"], name);
        var events = File.ReadAllLines(At("metrics.jsonl")).Select(l => JsonDocument.Parse(l).RootElement).ToList();
        var steps = events.Where(e => e.GetProperty("event").GetString() == "step").ToList();
        Assert.Equal(Enumerable.Range(1, trained.Report!.Steps), steps.Select(s => s.GetProperty("step").GetInt32()));
        Assert.All(steps, s => Assert.True(s.GetProperty("gradientNorm").GetDouble() > 0 && s.GetProperty("tokensPerSecond").GetDouble() > 0));
        var epochs = events.Where(e => e.GetProperty("event").GetString() == "epoch").ToList();
        Assert.Equal([0, 1, 2, 3], epochs.Select(e => e.GetProperty("epoch").GetInt32()));
        Assert.Equal(trained.Report.Epochs.Select(e => e.DevScore), epochs.Select(e => e.GetProperty("devScore").GetDouble()));
        Assert.Equal("accuracy", epochs[0].GetProperty("metric").GetString());

        var config = JsonDocument.Parse(File.ReadAllText(At("config.json"))).RootElement;
        Assert.Equal("sk-prefix", config.GetProperty("method").GetString());
        Assert.Equal(4, config.GetProperty("options").GetProperty("bottleneck").GetInt32());
        Assert.Equal(task.Rows.Count, config.GetProperty("rows").GetProperty("train").GetInt32());
        Assert.True(JsonDocument.Parse(File.ReadAllText(At("environment.json"))).RootElement.GetProperty("threads").GetInt32() > 0);

        var predictions = File.ReadAllLines(At("dev-predictions.jsonl")).Select(l => JsonDocument.Parse(l).RootElement).ToList();
        string Text(JsonElement prediction, string key) => prediction.GetProperty(key).GetString()!;
        Assert.Equal(task.Dev.Select(r => (r.Text, r.Label)), predictions.Select(p => (Text(p, "text"), Text(p, "label"))));
        Assert.Equal(trained.Report.DevScore, predictions.Average(p => Text(p, "label") == Text(p, "predicted") ? 1.0 : 0), 1e-9);
        Assert.All(predictions, p => Assert.Equal(1, p.GetProperty("scores").EnumerateObject().Sum(s => s.Value.GetDouble()), 1e-6));
        Assert.Equal(trained.Report.DevScore, JsonDocument.Parse(File.ReadAllText(At("report.json"))).RootElement.GetProperty("devScore").GetDouble());
        Assert.NotEmpty(Directory.GetFiles(At("tensorboard")));
        using var loaded = TextClassifier.Load(At("adapter"), task.Model);
        Assert.Equal(trained.Predict("where is my parcel?").Scores, loaded.Predict("where is my parcel?").Scores);
    }

    [Fact]
    public void What_differs_from_the_run_is_refused_by_name()
    {
        using var folder = new TemporaryFolder();
        var options = Plain with { Epochs = 1, RunFolder = folder["run"] };
        using (task.Train(options)) { }
        Refused("resume", options);
        Refused("training.learningRate", options with { Resume = true, LearningRate = 1e-4 });
        Refused("training.epochs", options with { Resume = true, Epochs = 2 });
        Refused("seed", options with { Resume = true, Seed = 2 });
        Refused("options.bottleneck", options with { Resume = true }, new SkPrefixOptions { Bottleneck = 8 });
        var e = Assert.ThrowsAny<SkTuningException>(() => TextClassifier.Train(task.Model, task.Rows.Reverse(), task.Options(options with { Resume = true })));
        Assert.Contains("rows.hash", e.Message);

        void Refused(string named, TrainingOptions changed, SkPrefixOptions? method = null)
        {
            var message = Assert.ThrowsAny<SkTuningException>(() => task.Train(changed, method: method)).Message;
            Assert.Contains(named, message, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public void A_folder_with_other_files_is_no_run()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["letters"]);
        File.WriteAllText(Path.Combine(folder["letters"], "dear.txt"), "x");
        foreach (var resume in (bool[])[false, true])
        {
            var options = Plain with { RunFolder = folder["letters"], Resume = resume };
            Assert.Contains("other files", Assert.ThrowsAny<SkTuningException>(() => task.Train(options)).Message);
        }
    }

    [Fact]
    public void Two_processes_do_not_share_a_folder()
    {
        using var folder = new TemporaryFolder();
        var options = Plain with { Epochs = 1, RunFolder = folder["run"] };
        Exception? second = null;
        using var first = task.Train(options, p => second ??= Record.Exception(() => task.Train(options with { Resume = true })));
        Assert.Contains(RunFiles.Lock, Assert.IsAssignableFrom<SkTuningException>(second).Message);
    }

    [Fact]
    public void A_damaged_checkpoint_is_refused_by_name()
    {
        using var folder = new TemporaryFolder();
        var options = Plain with { Epochs = 1, RunFolder = folder["run"] };
        using (task.Train(options)) { }
        var file = Path.Combine(folder["run"], RunFiles.Checkpoint);
        File.WriteAllBytes(file, File.ReadAllBytes(file)[..^4]);
        Assert.Contains(RunFiles.Checkpoint, Assert.ThrowsAny<SkTuningException>(() => task.Train(options with { Resume = true })).Message);
    }
}
