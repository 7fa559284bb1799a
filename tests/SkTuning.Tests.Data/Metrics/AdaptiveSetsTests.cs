using System.Text.Json;
using SkTuning.Data;
using SkTuning.Metrics;

namespace SkTuning.Tests.Metrics;

/// <summary>The arithmetic of adaptive prediction sets.</summary>
public sealed class AdaptiveSetsTests
{
    /// <summary>Five rows of three labels, computed by hand.</summary>
    private static readonly (double[] Probabilities, int Truth, double Unit, double Score)[] Five =
    [
        ([0.5, 0.3, 0.2], 0, 0.5, 0.25),         // half of its own probability
        ([0.5, 0.3, 0.2], 1, 0.5, 0.65),         // 0.5 before it, and half of 0.3
        ([0.1, 0.8, 0.1], 1, 0.25, 0.2),
        ([0.2, 0.2, 0.6], 0, 0.5, 0.7),          // of equal labels, the first comes first
        ([0.2, 0.2, 0.6], 1, 0.5, 0.9),
    ];

    [Fact]
    public void Scores_thresholds_and_sets_of_five_rows_are_those_computed_by_hand()
    {
        Assert.All(Five, row => Assert.Equal(row.Score, AdaptiveSets.Score(row.Probabilities, row.Truth, row.Unit), 1e-12));
        double[] scores = [.. Five.Select(row => AdaptiveSets.Score(row.Probabilities, row.Truth, row.Unit))];
        // Of the six places among five scores, 0.5 * 6 = 3, 0.6 * 6 = 3.6 and 0.8 * 6 = 4.8 are rounded up.
        Assert.Equal(0.65, AdaptiveSets.Threshold(scores, 0.5), 1e-12);
        Assert.Equal(0.7, AdaptiveSets.Threshold(scores, 0.6), 1e-12);
        Assert.Equal(0.9, AdaptiveSets.Threshold(scores, 0.8), 1e-12);
        Assert.Throws<ArgumentException>(() => AdaptiveSets.Threshold(scores, 0.84));
        var threshold = AdaptiveSets.Threshold(scores, 0.5);
        Assert.Equal([0, 1], AdaptiveSets.Of([0.5, 0.3, 0.2], 0.5, threshold));
        Assert.Equal([0, 1, 2], AdaptiveSets.Of([0.5, 0.3, 0.2], 0.5, AdaptiveSets.Threshold(scores, 0.8)));
        Assert.Equal([2], AdaptiveSets.Of([0.2, 0.2, 0.6], 0.5, threshold));
        Assert.Empty(AdaptiveSets.Of([0.1, 0.8, 0.1], 0.9, threshold, mayBeEmpty: true));
        Assert.Equal([1], AdaptiveSets.Of([0.1, 0.8, 0.1], 0.9, threshold));
    }

    [Theory]
    [InlineData(0.5, 1)]
    [InlineData(0.8, 4)]
    [InlineData(0.84, 6)]
    [InlineData(0.9, 9)]
    [InlineData(0.95, 19)]
    [InlineData(0.99, 99)]
    [InlineData(0.999, 999)]
    public void The_number_of_rows_needed_is_the_least_for_which_there_is_a_threshold(double coverage, int rows)
    {
        Assert.Equal(rows, AdaptiveSets.RowsFor(coverage));
        Assert.Equal(rows, AdaptiveSets.Threshold(Enumerable.Range(1, rows).Select(i => (double)i), coverage));
        if (rows > 1) Assert.Throws<ArgumentException>(() => AdaptiveSets.Threshold(Enumerable.Repeat(1.0, rows - 1), coverage));
        Assert.True(AdaptiveSets.HighestCoverage(rows) >= coverage - 1e-9);
    }

    [Fact]
    public void Random_rows_have_the_sets_that_NumPy_gives_them()
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Fixtures.Root, "decisions", "sets.json")));
        foreach (var c in document.RootElement.GetProperty("cases").EnumerateArray())
        {
            double[][] probabilities = [.. c.GetProperty("probabilities").EnumerateArray().Select(Numbers)];
            double[] units = Numbers(c.GetProperty("units")), expected = Numbers(c.GetProperty("scores"));
            int[] truth = [.. Numbers(c.GetProperty("truth")).Select(t => (int)t)];
            double[] scores = [.. truth.Select((t, i) => AdaptiveSets.Score(probabilities[i], t, units[i]))];
            foreach (var (score, reference) in scores.Zip(expected)) Assert.Equal(reference, score, 1e-12);
            var threshold = AdaptiveSets.Threshold(scores, c.GetProperty("coverage").GetDouble());
            Assert.Equal(c.GetProperty("threshold").GetDouble(), threshold, 1e-12);
            Assert.Equal(c.GetProperty("sets").EnumerateArray().Select(s => string.Join(' ', Numbers(s))),
                probabilities.Select((p, i) => string.Join(' ', AdaptiveSets.Of(p, units[i], threshold + 1e-12, mayBeEmpty: true))));
        }

        static double[] Numbers(JsonElement array) => [.. array.EnumerateArray().Select(n => n.GetDouble())];
    }

    [Fact]
    public void Sets_that_may_be_empty_cover_what_they_promise_and_the_others_at_least_that()
    {
        // A classifier that is right less often than it claims, with 30 rows to calibrate on and 100 others, 1000 times.
        var (exact, users, random) = (0, 0, new Shuffler(5));
        const int Times = 1000, Held = 30, Others = 100;
        for (var time = 0; time < Times; time++)
        {
            var rows = Enumerable.Range(0, Held + Others).Select(_ => Draw(random)).ToArray();
            var threshold = AdaptiveSets.Threshold(rows[..Held].Select(r => AdaptiveSets.Score(r.Probabilities, r.Truth, r.Unit)), 0.9);
            exact += rows[Held..].Count(r => AdaptiveSets.Of(r.Probabilities, r.Unit, threshold, mayBeEmpty: true).Contains(r.Truth));
            users += rows[Held..].Count(r => AdaptiveSets.Of(r.Probabilities, r.Unit, threshold).Contains(r.Truth));
        }
        // ceil(31 * 0.9) / 31 is 0.9032; the standard error of the mean over the thresholds is about 0.002.
        Assert.InRange(exact / (double)(Times * Others), 0.897, 0.910);
        Assert.True(users > exact);

        static (double[] Probabilities, int Truth, double Unit) Draw(Shuffler random)
        {
            double[] odds = [.. Enumerable.Range(0, 4).Select(_ => Math.Exp(2 * random.NextGaussian()))];
            double[] claimed = [.. odds.Select(o => o * o)];
            var (at, truth) = (random.NextDouble() * odds.Sum(), 0);
            while (truth < 3 && (at -= odds[truth]) > 0) truth++;
            return ([.. claimed.Select(c => c / claimed.Sum())], truth, random.NextDouble());
        }
    }

    [Fact]
    public void A_report_counts_covered_rows_sizes_and_single_labels()
    {
        var report = PredictionSetReport.Of(["a", "b", "c"], [0, 0, 1, 1, 1], [[0], [1, 0], [1], [0], [0, 1, 2]], 0.8);
        Assert.Equal((0.8, 1.6, 0.6, 5), (report.All.Coverage, report.All.MeanSize, report.All.Single, report.Rows));
        Assert.Equal((1, 1.5, 0.5, 2), (report.PerClass[0].Coverage, report.PerClass[0].MeanSize, report.PerClass[0].Single, report.PerClass[0].Rows));
        Assert.Equal(2 / 3.0, report.PerClass[1].Coverage, 1e-12);
        Assert.True(double.IsNaN(report.PerClass[2].Coverage));
        var json = report.ToJson();
        Assert.Equal((0.8, 0.8, 1.5), ((double)json["target"]!, (double)json["coverage"]!, (double)json["perClass"]!["a"]!["meanSize"]!));
        Assert.Null(json["perClass"]!["c"]!["coverage"]);
        Assert.Contains("sets for 80 %", report.ToString());
        Assert.Contains("true class 3", Assert.Throws<SkTuningException>(() => PredictionSetReport.Of(["a", "b", "c"], [3], [[0]], 0.8)).Message);
    }
}
