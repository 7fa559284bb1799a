using SkTuning.Training;

namespace SkTuning.Tests.Training;

/// <summary>The bars of the learning curve.</summary>
public sealed class LearningCurveTests
{
    [Fact]
    public void A_bar_is_as_long_as_its_score()
        => Assert.Equal([0, 26, 26, 33, 40, 0], Bars("accuracy", 0, 0.65, 0.65, 0.8333, 1, double.NaN));

    [Fact]
    public void Scores_that_can_exceed_1_are_scaled_to_the_highest() => Assert.Equal([40, 10, 20], Bars("loss", 4, 1, 2));

    [Fact]
    public void A_correlation_below_0_has_no_bar() => Assert.Equal([0, 20], Bars("mcc", -0.3, 0.5));

    private static IEnumerable<int> Bars(string metric, params double[] scores)
        => LearningCurve.Of([.. scores.Select((s, i) => new EpochResult(i, 1, 1, s, IsBest: i == 1))], metric)
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => line.Count(c => c == '█'));
}
