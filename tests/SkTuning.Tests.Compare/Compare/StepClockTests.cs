using SkTuning.Compare;

namespace SkTuning.Tests.Compare;

public sealed class StepClockTests
{
    [Fact]
    public void The_time_between_parts_of_a_cross_validation_is_not_that_of_a_step()
    {
        var clock = new StepClock();
        foreach (var (fold, seconds) in ((int, double)[])[(1, 1), (1, 1.5), (1, 2), (2, 0.1), (2, 0.6), (0, 0.2), (0, 0.7)]) clock.Report(At(fold, seconds));
        Assert.Equal(0.5, clock.SecondsPerStep!.Value, 9);
    }

    private static TrainingProgress At(int fold, double seconds)
        => new()
        {
            Epoch = 1, Epochs = 1, Step = 1, Steps = 4, Loss = 1, LearningRate = 1, TokensPerSecond = 1, Elapsed = TimeSpan.FromSeconds(seconds),
            Remaining = TimeSpan.Zero, Fold = fold, Folds = 2,
        };
}
