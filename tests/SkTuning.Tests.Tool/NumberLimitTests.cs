namespace SkTuning.Tests.Tool;

/// <summary>Numbers that would load the machine or overflow are refused by name before anything starts.</summary>
public sealed class NumberLimitTests
{
    [Theory]
    [InlineData("predict", "--threads", "-1", "--adapter", "a", "a text")]
    [InlineData("predict", "--threads", "1025", "--adapter", "a", "a text")]
    [InlineData("info", "--threads", "100000")]
    [InlineData("train", "--threads", "-5", "--train", "x", "--out", "y")]
    [InlineData("train", "--memory", "99999999999999", "--train", "x", "--out", "y")]
    [InlineData("train", "--memory", "0", "--train", "x", "--out", "y")]
    [InlineData("train", "--state-cache", "-1", "--train", "x", "--out", "y")]
    public void A_number_out_of_range_is_refused_by_name(string command, string option, string value, params string[] others)
    {
        var run = ToolRun.Of([command, option, value, .. others]);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains($"{option} {value}: expected a number from ", run.Error);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1025)]
    [InlineData(int.MaxValue)]
    public void The_library_refuses_the_number_of_threads_as_an_argument(int threads)
        => Assert.Equal("threads", Assert.Throws<ArgumentOutOfRangeException>(() => RuntimeSettings.Start(threads)).ParamName);
}
