using SkTuning.Inference;
using SkTuning.Training;

namespace SkTuning.Tests.Training;

/// <summary>A run that goes wrong stops, says where, and keeps what was good.</summary>
public sealed class DivergenceTests(SmallTask task) : IClassFixture<SmallTask>
{
    [Fact]
    public void A_loss_that_is_no_number_names_step_and_rows_and_the_best_is_kept()
    {
        using var folder = new TemporaryFolder();
        var e = Assert.Throws<TrainingDivergedException>(() => task.Train(new() { Epochs = 50, BatchSize = 8, LearningRate = 10, HeadLearningRate = 10, WarmUp = 0, ClipNorm = 1e30, Divergence = 0, Optimizer = OptimizerKind.Sgd, Patience = 0, RunFolder = folder["run"] }));
        using var kept = (TextClassifier)e.SoFar;
        Assert.Contains($"step {e.Divergence.Step}", e.Message);
        Assert.False(double.IsFinite(e.Divergence.Loss) && double.IsFinite(e.Divergence.GradientNorm));
        Assert.InRange(e.Divergence.Rows.Count, 1, 8);
        Assert.All(e.Divergence.Rows, r => Assert.InRange(r, 0, task.Rows.Count - 1));
        Assert.All(SmallTask.Values(kept), v => Assert.True(float.IsFinite(v)));
        Assert.Equal(kept.Report!.Best!.DevScore, kept.Evaluate(task.Dev).Accuracy, 1e-9);
        Assert.Contains("diverged", File.ReadAllText(Path.Combine(folder["run"], "report.json")));
    }

    [Fact]
    public void A_loss_that_grows_far_above_where_it_began_stops_the_run()
    {
        var e = Assert.Throws<TrainingDivergedException>(() => task.Train(new() { Epochs = 100, BatchSize = 8, LearningRate = 3, HeadLearningRate = 3, Optimizer = OptimizerKind.Sgd, ClipNorm = 50, WarmUp = 0.5, Patience = 0 }));
        e.SoFar.Dispose();
        Assert.True(double.IsFinite(e.Divergence.Loss));
        Assert.True(e.Divergence.Step > TrainingState.Window);
    }

    [Fact]
    public void A_run_that_goes_well_is_let_go_on()
    {
        using var trained = task.Train(new() { Epochs = 12, BatchSize = 8, Patience = 0 });
        Assert.Null(trained.Report!.Divergence);
        Assert.Equal(36, trained.Report.Steps);
    }
}
