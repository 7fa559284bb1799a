using System.Text.Json.Nodes;
using SkTuning.Metrics;

namespace SkTuning.Tests.Metrics;

/// <summary>Metrics and probabilities of ordered levels, by hand and against scikit-learn and SciPy (tests/fixtures/decisions/ordinal.py).</summary>
public sealed class OrdinalMetricTests
{
    private static readonly JsonNode Expected = JsonNode.Parse(File.ReadAllText(Path.Combine(Fixtures.Root, "decisions", "ordinal.json")))!;

    [Fact]
    public void Five_rows_by_hand()
    {
        // Distances 0, 1, 0, 1, 1. Means 1.8 and 1.6, variances 1.76 and 1.04: by chance, the squared distance is 1.76 + 1.04 + 0.2².
        var report = OrdinalReport.Of([0, 1, 2, 2, 4], [0, 2, 2, 1, 3], [0.1, 1.5, 2, 1.2, 3]);
        Assert.Equal((5, 0.6, 1.0, 0.4), (report.Rows, report.MeanAbsoluteError, report.OffByOneAccuracy, report.Accuracy));
        Assert.Equal(1 - 0.6 / 2.84, report.QuadraticKappa, 1e-12);
        // Ranks 1, 2, 3.5, 3.5, 5 and 1, 3, 4, 2, 5: covariance 8, variances 9.5 and 10.
        Assert.Equal(8 / Math.Sqrt(95), report.Spearman, 1e-12);
        Assert.Equal(["rows", "meanAbsoluteError", "quadraticKappa", "spearman", "offByOneAccuracy", "accuracy", "accuracyInterval"],
            report.ToJson().Select(p => p.Key));
    }

    [Fact]
    public void All_rows_with_the_same_level_have_no_agreement_beyond_chance()
    {
        var report = OrdinalReport.Of([1, 1], [1, 1], [1.5, 1.5]);
        Assert.Equal((double.NaN, double.NaN, 0.0), (report.QuadraticKappa, report.Spearman, report.MeanAbsoluteError));
        Assert.Null(report.ToJson()["quadraticKappa"]);
        Assert.Equal(0, OrdinalMetrics.QuadraticKappa([1, 1], [0, 2]));
        Assert.Contains("1 predictions for 2 rows", Assert.ThrowsAny<SkTuningException>(() => OrdinalReport.Of([0, 1], [0], [0])).Message);
    }

    [Fact]
    public void Metrics_are_those_of_scikit_learn_and_SciPy()
    {
        foreach (var c in Expected["metrics"]!.AsArray())
        {
            var report = OrdinalReport.Of(Integers(c!["truth"]!), Integers(c["predicted"]!), Numbers(c["expected"]!));
            foreach (var (name, value) in ((string, double)[])[("mean_absolute_error", report.MeanAbsoluteError), ("quadratic_kappa", report.QuadraticKappa),
                ("spearman", report.Spearman), ("accuracy", report.Accuracy), ("off_by_one_accuracy", report.OffByOneAccuracy)])
            {
                Assert.Equal(c[name]!.GetValue<double>(), value, 1e-12);
            }
        }
    }

    [Fact]
    public void Probabilities_of_five_scores_by_hand()
    {
        // Cut points at -ln 3, 0 and ln 3: for the score 0, the levels are equally likely.
        var ln3 = Math.Log(3);
        (double Score, double[] P, int Median, double Mean)[] rows =
        [
            (0, [1 / 4.0, 1 / 4.0, 1 / 4.0, 1 / 4.0], 1, 1.5), (ln3, [1 / 10.0, 3 / 20.0, 1 / 4.0, 1 / 2.0], 2, 2.15),
            (-ln3, [1 / 2.0, 1 / 4.0, 3 / 20.0, 1 / 10.0], 0, 0.85), (2 * ln3, [1 / 28.0, 9 / 140.0, 3 / 20.0, 3 / 4.0], 3, 2.65 - 1 / 28.0),
            (-2 * ln3, [3 / 4.0, 3 / 20.0, 9 / 140.0, 1 / 28.0], 0, 0.35 + 1 / 28.0),
        ];
        foreach (var (score, expected, median, mean) in rows)
        {
            double[] logits = [.. ((double[])[-ln3, 0, ln3]).Select(c => c - score)];
            var log = LevelDistribution.LogProbabilities(logits);
            Assert.All(expected.Zip(log), p => Assert.Equal(p.First, Math.Exp(p.Second), 1e-14));
            Assert.All(logits.Zip(LevelDistribution.CumulativeLogits(log)), l => Assert.Equal(l.First, l.Second, 1e-12));
            Assert.Equal(median, LevelDistribution.Median(expected));
            Assert.Equal(mean, LevelDistribution.Mean(expected), 1e-14);
        }
    }

    [Fact]
    public void A_temperature_divides_cumulative_logits_and_keeps_the_median()
    {
        var log = LevelDistribution.LogProbabilities([-2 * Math.Log(3), 0, 2 * Math.Log(3)]);
        Assert.All(LevelDistribution.AtTemperature(log, 2), p => Assert.Equal(0.25, p, 1e-14));
        double[] skewed = [.. ((double[])[0.3, 0.25, 0.05, 0.4]).Select(p => Math.Log(p))];
        foreach (var temperature in (double[])[0.1, 0.5, 2, 10])
            Assert.Equal(1, LevelDistribution.Median(LevelDistribution.AtTemperature(skewed, temperature)));
        Assert.All(((double[])[0.3, 0.25, 0.05, 0.4]).Zip(LevelDistribution.AtTemperature(skewed, 1)), p => Assert.Equal(p.First, p.Second, 1e-14));
    }

    [Fact]
    public void Extreme_scores_give_finite_logarithms()
    {
        Assert.All(LevelDistribution.LogProbabilities([-2000, -2000, 3000]), p => Assert.InRange(p, -4000, 0));
        Assert.All(LevelDistribution.AtTemperature([-5000, 0, -5000, -1e-300], 0.1), p => Assert.InRange(p, 0, 1));
    }

    [Fact]
    public void The_fitted_temperature_is_that_of_SciPy()
    {
        foreach (var c in Expected["temperatures"]!.AsArray())
        {
            double[][] scores = [.. c!["scores"]!.AsArray().Select(r => Numbers(r!))];
            var temperature = LevelDistribution.FitTemperature(Integers(c["truth"]!), scores);
            Assert.Equal(c["temperature"]!.GetValue<double>(), temperature, 1e-6);
            foreach (var (row, expected) in scores.Zip(c["probabilities"]!.AsArray()))
                Assert.All(Numbers(expected!).Zip(LevelDistribution.AtTemperature(row, temperature)), p => Assert.Equal(p.First, p.Second, 1e-6));
        }
    }

    private static int[] Integers(JsonNode node) => [.. node.AsArray().Select(n => n!.GetValue<int>())];

    private static double[] Numbers(JsonNode node) => [.. node.AsArray().Select(n => n!.GetValue<double>())];
}
