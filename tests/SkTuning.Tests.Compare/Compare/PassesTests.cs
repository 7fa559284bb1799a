using SkTuning.Compare;

namespace SkTuning.Tests.Compare;

/// <summary>What a prediction costs is counted while the test rows are predicted.</summary>
public class PassesTests
{
    [Fact]
    public void A_method_that_reads_a_row_for_each_label_costs_as_many_passes()
    {
        using var small = new SmallComparison();
        var plan = small.Make(new() { Method = "majority" }, new() { Method = "probe" }, new() { Method = "l-tuning", MaxSteps = 1, Rates = [1e-2] });
        var result = small.Run(plan);
        double?[] passes = [.. result.Methods.Select(m => result.Summaries.Single(s => s.Method == m.Name).Passes)];
        Assert.Equal([null, 1, 2], passes);
        Assert.Equal(passes, [.. result.Methods.Select(m => result.Scores.First(s => s.Method == m.Name).Passes)]);

        // A resumed comparison has the stored counts, and the page shows them.
        var resumed = small.Run(plan);
        Assert.Equal(passes, [.. resumed.Methods.Select(m => resumed.Summaries.Single(s => s.Method == m.Name).Passes)]);
        var costs = ComparisonMarkdown.Of(result).Split('\n').SkipWhile(l => l != "## Costs").ToList();
        string[] shown = [.. result.Methods.Select(m => costs.First(l => l.StartsWith($"| {m.Name} |", StringComparison.Ordinal)).Split('|')[^3].Trim())];
        Assert.Equal(["-", "1", "2"], shown);
    }
}
