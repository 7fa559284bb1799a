using SkTuning.Decisions;

namespace SkTuning.Tests.OnnxRuntime;

/// <summary>Probabilities of scores by hand.</summary>
public sealed class ProbabilitiesTests
{
    [Theory]
    [InlineData(1, 0.7310586)]
    [InlineData(2, 0.6224593)]
    [InlineData(0.5, 0.8807971)]
    public void A_temperature_divides_the_scores(double temperature, double first)
    {
        var probabilities = Probabilities.Softmax([1001, 1000], temperature);
        Assert.Equal(first, probabilities[0], 1e-6);
        Assert.Equal(1, probabilities.Sum(), 1e-6);
    }

    [Fact]
    public void Labels_that_do_not_exclude_each_other_have_probabilities_of_their_own()
    {
        var probabilities = Probabilities.Sigmoid([0, 1, -1, 1000, -1000]);
        Assert.Equal([0.5, 0.7310586, 0.2689414, 1, 0], probabilities.Select(p => Math.Round(p, 7)));
    }

    [Fact]
    public void The_first_of_equal_ones_is_the_best() => Assert.Equal((1, 0), (Probabilities.Best([0.2, 0.4, 0.4]), Probabilities.Best([0.5, 0.5])));
}
