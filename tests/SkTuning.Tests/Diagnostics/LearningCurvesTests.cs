using SkTuning.Diagnostics;

namespace SkTuning.Tests.Diagnostics;

/// <summary>The formulas of learning curves, computed by hand.</summary>
public sealed class LearningCurvesTests
{
    [Fact]
    public void The_error_of_a_label_falls_as_a_power_of_its_rows()
    {
        // 0.4, 0.4 / √2 and 0.2 at a quarter, half and all of the rows: the exponent is 1/2, and four times the rows halve the error.
        double[] errors = [0.4, 0.4 / Math.Sqrt(2), 0.2];
        var exponent = LearningCurves.Exponent(100, errors);
        Assert.Equal(0.5, exponent, 1e-12);
        Assert.Equal(0.1, LearningCurves.Error(100, 300, 0.2, exponent), 1e-12);
        Assert.Equal(0, LearningCurves.Exponent(100, [0.2, 0.3, 0.4]));                                     // it does not fall
        Assert.Equal(LearningCurves.UsualExponent, LearningCurves.Exponent(3, [0.4, 0.4, 0.4]));            // too few rows to say
        double[] means = LearningCurves.Errors([0, 0, 1], [[0.9, 0.1], [0.6, 0.4], [0.7, 0.3]]);
        Assert.Equal(0.25, means[0], 1e-12);
        Assert.Equal(0.7, means[1], 1e-12);
    }
}
