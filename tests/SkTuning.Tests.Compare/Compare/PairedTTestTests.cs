using SkTuning.Compare;

namespace SkTuning.Tests.Compare;

public sealed class PairedTTestTests
{
    [Fact]
    public void The_paired_t_test_equals_the_textbook()
    {
        // Student (1908), additional hours of sleep under two drugs: t = -4.0621, p = 0.002833.
        double[] first = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0], second = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];
        var test = PairedTTest.Of(first, second);
        Assert.Equal(0.00283289, test.PValue, 1e-8);
        Assert.Equal(-1.58, test.Difference.Value, 1e-12);
        Assert.Equal(-2.4598858, test.Difference.Low, 1e-7);
        Assert.Equal(-0.7001142, test.Difference.High, 1e-7);
        Assert.Equal(1, PairedTTest.Of([1, 2], [1, 2]).PValue);
        Assert.True(double.IsNaN(PairedTTest.Of([1], [2]).PValue));
    }
}
