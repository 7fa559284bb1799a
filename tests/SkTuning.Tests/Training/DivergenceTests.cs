using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Classifiers.SingleLabel;
using SkTuning.Training;
using static TorchSharp.torch;

namespace SkTuning.Tests.Training;

/// <summary>A run that diverges stops, reports where, and keeps the best parameters.</summary>
public sealed class DivergenceTests(SmallTask task) : IClassFixture<SmallTask>
{
    [Fact]
    public void A_loss_that_is_no_number_names_step_and_rows_and_the_best_is_kept()
    {
        var labels = LabelSet.Of(task.Rows);
        var options = task.Options(new() { Epochs = 5, BatchSize = 8, Patience = 0 });
        using var runtime = new AdapterModel(task.Model, AdapterPlan.Create(task.Model, options, SingleLabelTask.Untrained, labels));
        EncodedRow[] train = Encoded(task.Rows), dev = Encoded(task.Dev);
        var (taken, best) = (0, new List<EpochResult>());
        var trainer = new Trainer(runtime.Tuned, new SingleLabelObjective(labels), options.Training,
            TrainingPlan.Of(options.Training, isExact: false, train.Length, dev.Length, StepRule.Texts), TestDevice.Torch)
        {
            BeforeRows = _ => { if (taken == 7) runtime.Tuned.Parameters[LinearHead.Bias].detach().fill_(float.NaN); },
        };
        var progress = new SmallTask.Now(p =>
        {
            taken = p.Step;
            if (p.CompletedEpoch is { IsBest: true } e) best.Add(e);
        });
        var outcome = trainer.Run(new(train, dev, []), progress, TestContext.Current.CancellationToken);
        Assert.Equal(8, outcome.Divergence!.Step);
        Assert.Equal(double.NaN, outcome.Divergence.Loss);
        Assert.Equal(LengthBuckets.Shuffled([.. train.Select(r => r.Ids.Length)], 8, options.Training.Seed, 3)[1], outcome.Divergence.Rows);
        var rows = $"{outcome.Divergence.Rows[0]}, {outcome.Divergence.Rows[1]}";
        Assert.StartsWith($"Training diverged at step 8: loss NaN, gradient norm NaN, on the training rows {rows}", outcome.Divergence.ToString());
        Assert.Equal(3, outcome.Epochs.Count);
        Assert.All(runtime.Tuned.Parameters.Values.cpu().data<float>().ToArray(), v => Assert.True(float.IsFinite(v)));
        using var off = no_grad();
        using var outputs = runtime.Scores(dev, TestContext.Current.CancellationToken);
        Assert.Equal(outcome.Best!.DevScore, new SingleLabelObjective(labels).Score("accuracy", outputs, dev), 1e-9);

        EncodedRow[] Encoded(IReadOnlyList<Row> rows) => [.. rows.Select(r => runtime.Encoder.Encode(r.Text) with { Classes = [labels.GetIndex(r.Label)] })];
    }

    [Fact]
    public void A_loss_that_grows_far_above_where_it_began_stops_the_run()
    {
        using var folder = new TemporaryFolder();
        var e = Assert.ThrowsAny<TrainingDivergedException>(() => task.Train(new()
        {
            Epochs = 100,
            BatchSize = 8,
            LearningRate = 3,
            HeadLearningRate = 3,
            Optimizer = OptimizerKind.Sgd,
            MaxGradientNorm = 50,
            WarmUp = 0.5,
            Patience = 0,
            RunFolder = folder["run"],
        }));
        using var kept = (TextClassifier)e.Result;
        Assert.True(double.IsFinite(e.Divergence.Loss));
        Assert.True(e.Divergence.Step > TrainingState.Window);
        Assert.Equal(kept.Report!.Best!.DevScore, kept.Evaluate(task.Dev).Accuracy, 1e-9);
        Assert.Contains("diverged at step", File.ReadAllText(Path.Combine(folder["run"], "report.json")));
    }

    [Fact]
    public void A_run_that_goes_well_is_let_go_on()
    {
        using var trained = task.Train(new() { Epochs = 12, BatchSize = 8, Patience = 0 });
        Assert.Null(trained.Report!.Divergence);
        Assert.Equal(36, trained.Report.Steps);
    }
}
