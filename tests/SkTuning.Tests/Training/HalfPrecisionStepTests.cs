namespace SkTuning.Tests.Training;

/// <summary>Training in fp16 takes the same steps as in fp32, up to rounding: the scaling of gradients does not change them.</summary>
public sealed class HalfPrecisionStepTests(SmallTask task) : IClassFixture<SmallTask>
{
    [Fact]
    public void Losses_and_norms_are_those_of_fp32()
    {
        using var half = FrozenModel.Load(Fixtures.Tiny, new() { Device = "cpu", Precision = Precision.Float16 });
        var (exact, rounded) = (Steps(task.Model), Steps(half));
        Assert.Equal(3, rounded.Count);
        Assert.All(exact.Zip(rounded), p =>
        {
            Assert.InRange(p.Second.Loss / p.First.Loss, 0.98, 1.02);
            Assert.InRange(p.Second.GradientNorm / p.First.GradientNorm, 0.95, 1.05);
        });
    }

    private List<TrainingProgress> Steps(FrozenModel model)
    {
        var steps = new List<TrainingProgress>();
        var options = task.Options(new() { Epochs = 1, BatchSize = 8, Patience = 0, HeadFirst = false });
        using var trained = TextClassifier.Train(model, task.Rows, options, new SmallTask.Now(steps.Add));
        return steps;
    }
}
