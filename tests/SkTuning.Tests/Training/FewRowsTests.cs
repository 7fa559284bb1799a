using SkTuning.Batches;
using SkTuning.Training;

namespace SkTuning.Tests.Training;

/// <summary>Training with few rows: all of them train, steps are the measure, and a cross-validation compares the adapter with the head alone.</summary>
public sealed class FewRowsTests(SmallTask task) : IClassFixture<SmallTask>
{
    private TextClassifierOptions Options(TrainingOptions training, TuningOptions? method = null)
        => new() { Prompt = "Classify the topic:", Method = method ?? new LoraOptions(), Training = training };

    [Fact]
    public void All_rows_train_and_a_cross_validation_measures()
    {
        using var trained = TextClassifier.Train(task.Model, task.Rows, Options(new() { MaxSteps = 4 }));
        var report = trained.Report!;
        Assert.Equal((task.Rows.Count, 0, 0, 4), (report.TrainRows, report.DevRows, report.HeldOut.Count, report.Steps));
        var verdict = report.Verdict!;
        Assert.Equal((task.Rows.Count, 3, "accuracy"), (verdict.Rows, verdict.Folds, verdict.Metric));
        Assert.Equal(verdict.AdapterScore!.Value - verdict.HeadScore, verdict.Difference!.Value, 1e-9);
        Assert.InRange(verdict.Difference.Value, verdict.Difference.Low, verdict.Difference.High);
        Assert.Equal(verdict.Score, report.DevScore);
        Assert.NotEqual(1, trained.Decision.Temperature);
        Assert.All(report.Epochs, e => Assert.True(double.IsNaN(e.DevScore)));
    }

    [Fact]
    public void A_worse_adapter_is_replaced_with_the_head_alone()
    {
        using var destroyed = TextClassifier.Train(task.Model, task.Rows, Options(new() { MaxSteps = 6, LearningRate = 5, WarmUp = 0, DivergenceFactor = 0 }));
        using var probe = TextClassifier.Train(task.Model, task.Rows, Options(new(), new ProbeOptions()));
        Assert.False(destroyed.Report!.Verdict!.KeepsAdapter);
        Assert.Equal("probe", destroyed.Method);
        Assert.Equal(probe.Report!.Verdict!.HeadScore, destroyed.Report.DevScore);
        foreach (var (mine, other) in destroyed.Predict([.. task.Rows.Select(r => r.Text)]).Zip(probe.Predict([.. task.Rows.Select(r => r.Text)])))
            Assert.Equal(other.Confidence, mine.Confidence, 1e-5);
    }

    [Fact]
    public void Few_dev_rows_report_and_do_not_choose()
    {
        using var trained = TextClassifier.Train(task.Model, task.Rows, Options(new() { MaxSteps = 3 }) with { Dev = task.Dev });
        var report = trained.Report!;
        Assert.Equal(3, report.Best!.Epoch);
        Assert.Equal((0, task.Dev.Count), (report.Verdict!.Folds, report.Verdict.Rows));
        Assert.Equal(trained.Evaluate(task.Dev).Accuracy, report.DevScore, 1e-9);
    }

    [Fact]
    public void A_resumed_run_without_dev_rows_is_the_same_as_one_that_was_never_stopped()
    {
        using var folder = new TemporaryFolder();
        var training = new TrainingOptions { MaxSteps = 6, Folds = 2 };
        using var whole = TextClassifier.Train(task.Model, task.Rows, Options(training));
        using var source = new CancellationTokenSource();
        var stop = new SmallTask.Now(p => { if (p.Step == 3) source.Cancel(); });
        Assert.ThrowsAny<TrainingCanceledException>(
            () => TextClassifier.Train(task.Model, task.Rows, Options(training with { RunFolder = folder["run"] }), stop, source.Token)).Result.Dispose();
        using var resumed = TextClassifier.Train(task.Model, task.Rows, Options(training with { RunFolder = folder["run"], Resume = true }));
        Assert.Equal(SmallTask.Values(whole), SmallTask.Values(resumed));
        Assert.Equal(whole.Report!.Verdict, resumed.Report!.Verdict);
        Assert.Equal(whole.Decision, resumed.Decision);
    }

    [Fact]
    public void A_session_shares_the_states_of_the_rows_and_changes_nothing()
    {
        var options = Options(new() { MaxSteps = 2, Folds = 2 });
        using var alone = TextClassifier.Train(task.Model, task.Rows, options);
        using var session = new TrainingSession(task.Model);
        using var first = TextClassifier.Train(session, task.Rows, options);
        using var second = TextClassifier.Train(session, task.Rows, options);
        Assert.Equal(SmallTask.Values(alone), SmallTask.Values(first));
        Assert.Equal(SmallTask.Values(alone), SmallTask.Values(second));
        Assert.Equal(alone.Report!.Verdict, second.Report!.Verdict);
    }

    [Theory]
    [InlineData(32, 0, 16, 16, false, true)]        // 1 batch: 16 epochs
    [InlineData(96, 0, 7, 20, false, true)]
    [InlineData(1000, 0, 3, 96, false, true)]
    [InlineData(5000, 500, 3, 471, true, false)]
    [InlineData(96, 50, 7, 20, false, true)]
    public void Steps_are_the_measure_of_training(int rows, int dev, int epochs, int steps, bool devChooses, bool balances)
        => Assert.Equal(new(32, (rows + 31) / 32, epochs, steps, devChooses, balances),
            TrainingPlan.Of(new(), isExact: true, rows, dev, StepRule.Texts));

    [Theory]
    [InlineData(32, 24, 24)]
    [InlineData(192, 11, 64)]
    [InlineData(1000, 6, 192)]
    public void Pairs_take_more_steps(int rows, int epochs, int steps)
        => Assert.Equal(new(32, (rows + 31) / 32, epochs, steps, false, true), TrainingPlan.Of(new(), isExact: true, rows, 0, StepRule.Pairs));

    [Fact]
    public void Causal_models_take_more_steps()
        => Assert.Equal(new(32, 3, 22, 64, false, true), TrainingPlan.Of(new(), isExact: true, 96, 0, StepRule.Causal));

    [Fact]
    public void Other_heads_keep_their_epochs()
        => Assert.Equal(new(16, 6, 10, 60, true, false), TrainingPlan.Of(new(), isExact: false, 96, 50, StepRule.Texts));

    [Theory]
    [InlineData(false, 0, false)]
    [InlineData(false, 1, true)]
    [InlineData(true, 199, false)]
    [InlineData(true, 200, true)]
    public void Dev_rows_choose_where_there_are_some_and_with_a_fitted_head_where_there_are_200(bool isExact, int dev, bool choose)
    {
        Assert.Equal(choose, TrainingPlan.Of(new(), isExact, 96, dev, StepRule.Texts).DevChooses);
        Assert.False(TrainingPlan.Of(new() { KeepLast = true }, isExact, 96, dev, StepRule.Texts).DevChooses);
    }

    [Theory]
    [InlineData(true, 1000, true)]
    [InlineData(true, 1001, false)]
    [InlineData(false, 1000, false)]
    public void Batches_are_balanced_with_a_fitted_head_and_up_to_1000_rows(bool isExact, int rows, bool balances)
        => Assert.Equal(balances, TrainingPlan.Of(new(), isExact, rows, 0, StepRule.Texts).Balances);

    [Fact]
    public void Given_options_replace_the_rules()
    {
        Assert.Equal(new(7, 2, 3, 6, false, true), TrainingPlan.Of(new() { BatchSize = 7, Epochs = 3 }, isExact: true, 14, 0, StepRule.Texts));
        Assert.Equal(new(7, 3, 2, 5, false, true), TrainingPlan.Of(new() { BatchSize = 7, Epochs = 3, MaxSteps = 5 }, isExact: true, 15, 0, StepRule.Texts));
        Assert.Equal(new(7, 3, 2, 6, false, true), TrainingPlan.Of(new() { BatchSize = 7, Epochs = 2, MaxSteps = 9 }, isExact: true, 15, 0, StepRule.Texts));
    }

    [Fact]
    public void Every_batch_has_its_share_of_every_class_and_an_epoch_every_row_once()
    {
        int[] classes = [.. Enumerable.Range(0, 90).Select(i => i < 60 ? 0 : i < 80 ? 1 : 2)];
        var batches = BalancedBatches.Shuffled(classes, 32, 1, 1);
        Assert.Equal([30, 30, 30], batches.Select(b => b.Length));
        Assert.Equal(Enumerable.Range(0, 90), batches.SelectMany(b => b).Order());
        foreach (var batch in batches)
        {
            Assert.InRange(batch.Count(i => classes[i] == 0), 19, 21);
            Assert.InRange(batch.Count(i => classes[i] == 1), 6, 8);
            Assert.InRange(batch.Count(i => classes[i] == 2), 2, 4);
        }
        Assert.NotEqual(batches[0], BalancedBatches.Shuffled(classes, 32, 1, 2)[0]);
        Assert.Equal(batches[0], BalancedBatches.Shuffled(classes, 32, 1, 1)[0]);
    }

    [Fact]
    public void Parts_of_a_cross_validation_share_the_classes_and_keep_equal_texts_together()
    {
        EncodedRow[] rows = [.. Enumerable.Range(0, 60).Select(i => new EncodedRow([i / 2]) { Classes = [i / 2 % 3] })];
        var folds = Folds.Of(rows, 3, 1);
        Assert.Equal([20, 20, 20], folds.Select(f => f.Length));
        Assert.Equal(Enumerable.Range(0, 60), folds.SelectMany(f => f).Order());
        foreach (var fold in folds)
        {
            Assert.All(fold.GroupBy(i => i / 2), g => Assert.Equal(2, g.Count()));
            Assert.All(fold.CountBy(i => rows[i].Classes[0]), c => Assert.InRange(c.Value, 4, 8));
        }
        Assert.Equal(2, Folds.Of([new([1]), new([1]), new([2])], 3, 1).Count);
    }

    [Fact]
    public void The_rows_of_a_group_stay_in_one_part()
    {
        EncodedRow[] rows = [.. Enumerable.Range(0, 60).Select(i => new EncodedRow([i]) { Classes = [i % 2], Group = $"customer {i / 5}" })];
        var folds = Folds.Of(rows, 3, 1);
        Assert.Equal(3, folds.Count);
        foreach (var fold in folds) Assert.All(fold.CountBy(i => rows[i].Group!), g => Assert.Equal(5, g.Value));
    }

    [Fact]
    public void Whole_groups_are_held_out()
    {
        Row[] rows = [.. task.Rows.Select((r, i) => r with { Group = $"customer {i / 4}" })];
        using var trained = TextClassifier.Train(task.Model, rows, Options(new() { Epochs = 1, DevFraction = 0.25 }, new ProbeOptions()));
        var held = trained.Report!.HeldOut;
        Assert.InRange(held.Count, 4, rows.Length / 2);
        Assert.Empty(held.Select(i => rows[i].Group).Intersect(Enumerable.Range(0, rows.Length).Except(held).Select(i => rows[i].Group)));
    }
}
