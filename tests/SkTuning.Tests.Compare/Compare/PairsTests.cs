using SkTuning.Compare;

namespace SkTuning.Tests.Compare;

/// <summary>Wins, ties and losses with synthetic predictions.</summary>
public sealed class PairsTests
{
    private const int Rows = 200;

    private static ComparedDataSet Data(ComparisonMetric metric = ComparisonMetric.Accuracy) => new()
    {
        Name = "d", Task = "d", Prompt = "p", Metric = metric, Labels = ["a", "b"], TrainRows = 2, DevRows = 2,
        Truth = [.. Enumerable.Range(0, Rows).Select(i => i % 2)], Leaks = [],
    };

    /// <summary>Returns scores that are wrong on the first rows, the number of which is given for each seed.</summary>
    private static IEnumerable<ComparisonScore> Scores(string method, params int[] wrong) => wrong.Select((w, seed) => new ComparisonScore
    {
        DataSet = "d", Method = method, Seed = (ulong)seed, Trial = "t", DevScore = 0.5, Score = 1 - w / (double)Rows, Accuracy = 0, MacroF1 = 0, Mcc = 0,
        Classes = [],
        Predicted = [.. Enumerable.Range(0, Rows).Select(i => i < w ? 1 - i % 2 : i % 2)], Confidence = [], Seconds = 0,
    });

    private static PairedComparison Compared(ComparisonMetric metric, int[] reference, int[] other)
        => Pairs.Of("r", [Data(metric)], ["r", "o"], [.. Scores("r", reference), .. Scores("o", other)]).Single();

    [Theory]
    [InlineData(new[] { 20, 22, 21 }, new[] { 60, 63, 61 }, PairedOutcome.Win)]
    [InlineData(new[] { 60, 63, 61 }, new[] { 20, 22, 21 }, PairedOutcome.Loss)]
    [InlineData(new[] { 20, 22, 21 }, new[] { 21, 21, 21 }, PairedOutcome.Tie)]
    [InlineData(new[] { 20, 60, 10 }, new[] { 60, 30, 90 }, PairedOutcome.Tie)]            // much better on average, but not consistent over the seeds
    public void A_difference_counts_only_if_significant_over_rows_and_seeds(int[] reference, int[] other, PairedOutcome outcome)
    {
        var pair = Compared(ComparisonMetric.Accuracy, reference, other);
        Assert.Equal(outcome, pair.Outcome);
        Assert.Equal((other.Average() - reference.Average()) / Rows, pair.Difference, 1e-12);
        Assert.InRange(pair.Difference, pair.Low, pair.High);
        Assert.Equal(Math.Max(pair.RowsPValue, pair.SeedsPValue!.Value), pair.PValue);
        Assert.Equal((reference.Zip(other, (r, o) => Math.Max(0, o - r)).Sum(), reference.Zip(other, (r, o) => Math.Max(0, r - o)).Sum()),
            (pair.OnlyReference, pair.OnlyMethod));
    }

    [Fact]
    public void With_one_seed_only_the_rows_count()
    {
        var pair = Compared(ComparisonMetric.Accuracy, [20], [60]);
        Assert.Null(pair.SeedsPValue);
        Assert.Equal((pair.RowsPValue, PairedOutcome.Win), (pair.PValue, pair.Outcome));
    }

    [Fact]
    public void Other_metrics_are_recomputed_on_each_resample()
    {
        var (accuracy, mcc) = (Compared(ComparisonMetric.Accuracy, [20], [60]), Compared(ComparisonMetric.Mcc, [20], [60]));
        Assert.Equal(2 * (accuracy.High - accuracy.Low), mcc.High - mcc.Low, 0.02);            // for balanced classes, MCC is about 2 · accuracy - 1
    }

    [Fact]
    public void Holm_corrects_for_the_number_of_comparisons()
    {
        var pairs = Pairs.Of("r", [Data()], ["r", "x", "y", "z"], [.. Scores("r", 20), .. Scores("x", 35), .. Scores("y", 23), .. Scores("z", 20)]);
        var byP = pairs.OrderBy(p => p.PValue).ToList();
        Assert.Equal(Math.Min(1, 3 * byP[0].PValue), byP[0].AdjustedPValue, 1e-12);
        Assert.Equal(Math.Max(byP[0].AdjustedPValue, Math.Min(1, 2 * byP[1].PValue)), byP[1].AdjustedPValue, 1e-12);
        Assert.Equal((1.0, PairedOutcome.Tie), (byP[2].AdjustedPValue, byP[2].Outcome));
    }
}
