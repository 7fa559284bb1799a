using SkTuning.Metrics;

namespace SkTuning.Tests.Metrics;

public sealed class DecisionTests
{
    [Fact]
    public void Numbers_that_are_not_finite_are_refused_instead_of_compared()
    {
        static string Error(Action use) => Assert.ThrowsAny<SkTuningException>(use).Message;
        Assert.Equal("Label thresholds: row 2 has the score NaN, expected a number.", Error(() => MultiLabelMetrics.AtThreshold([[0.5], [double.NaN]])));
        Assert.Contains("threshold is NaN", Error(() => MultiLabelMetrics.AtThreshold([[0.5]], double.NaN)));
        Assert.Contains("row 1 has the score NaN", Error(() => LabelThresholds.Apply([[double.NaN]], [0.5])));
        Assert.Contains("threshold of label 1 is NaN", Error(() => LabelThresholds.Apply([[0.5]], [double.NaN])));
        Assert.Contains("row 1 has the probability NaN", Error(() => CoverageCurve.OfProbabilities([0], [[0.4, double.NaN]])));
        Assert.Contains("a logit is NaN", Error(() => new TemperatureScaling(1).Apply([0, double.NaN])));
        Assert.Contains("all are negative infinity", Error(() => new TemperatureScaling(1).ApplyToProbabilities([0, 0])));
    }

    [Theory]
    [InlineData(1e200)]
    [InlineData(1e-200)]
    public void Numbers_whose_squares_leave_the_range_have_the_same_correlations(double unit)
    {
        double[] truth = [1, 2, 3, 5], predicted = [1.5, 1.75, 3, 4];
        Assert.Equal(RegressionMetrics.Pearson(truth, predicted), RegressionMetrics.Pearson([.. truth.Select(t => t * unit)], predicted), 1e-12);
        Assert.Equal(RegressionMetrics.RSquared(truth, predicted),
            RegressionMetrics.RSquared([.. truth.Select(t => t * unit)], [.. predicted.Select(p => p * unit)]), 1e-12);
    }

    [Fact]
    public void The_temperature_makes_confidence_equal_accuracy()
    {
        // Every row predicts class 0 with logits (4, 0); 3 of 4 are correct. softmax(4/T) = 3/4 if 4/T = ln 3.
        int[] truth = [0, 0, 0, 1];
        var logits = Enumerable.Repeat(new double[] { 4, 0 }, 4).ToArray();
        var scaling = TemperatureScaling.Fit(truth, logits);
        Assert.Equal(4 / Math.Log(3), scaling.Temperature, 1e-9);
        Assert.Equal(0.75, scaling.Apply([4, 0])[0], 1e-9);
        Assert.False(scaling.IsAtLimit);
        // Log-probabilities are logits too, and so are logits shifted by a constant.
        var logs = logits.Select(z => z.Select(v => v - Math.Log(Math.Exp(4) + 1)).ToArray()).ToArray();
        Assert.Equal(scaling.Temperature, TemperatureScaling.Fit(truth, logs).Temperature, 1e-9);
        Assert.Equal([0.75, 0.25], scaling.ApplyToProbabilities(logs[0].Select(v => Math.Exp(v)).ToArray()).Select(p => Math.Round(p, 9)));
        Assert.Equal([1, 0], scaling.ApplyToProbabilities([1, 0]));
    }

    [Fact]
    public void Very_confident_rows_of_which_one_in_a_hundred_is_wrong_get_a_high_temperature()
    {
        // One class is 99 times as likely as the other.
        double[][] logits = [.. Enumerable.Range(0, 100).Select(_ => new double[] { 100, 0 })];
        int[] truth = [.. Enumerable.Range(0, 100).Select(i => i == 7 ? 1 : 0)];
        Assert.Equal(100 / Math.Log(99), TemperatureScaling.Fit(truth, logits).Temperature, 1e-9);
    }

    [Fact]
    public void The_temperature_is_the_best_of_many_on_unequal_rows()
    {
        var random = new Random(1);
        var logits = Enumerable.Range(0, 300).Select(_ => Enumerable.Range(0, 5).Select(_ => random.NextDouble() * 10).ToArray()).ToArray();
        var truth = logits.Select(z => random.NextDouble() < 0.6 ? Array.IndexOf(z, z.Max()) : random.Next(5)).ToArray();
        var best = TemperatureScaling.Fit(truth, logits);
        double Loss(double t) => ProbabilityMetrics.LogLoss(truth, logits.Select(z => new TemperatureScaling(t).Apply(z)).ToArray());
        foreach (var factor in new[] { 0.2, 0.9, 0.999, 1.001, 1.1, 5 }) Assert.True(Loss(best.Temperature) < Loss(best.Temperature * factor));
        Assert.Equal(truth.Length, logits.Count(z => Array.IndexOf(best.Apply(z), best.Apply(z).Max()) == Array.IndexOf(z, z.Max())));
    }

    [Fact]
    public void Uninformative_dev_rows_leave_the_temperature_at_its_limit()
    {
        Assert.Equal(TemperatureScaling.Lowest, TemperatureScaling.Fit([0, 1], [[2, 0], [0, 1]]).Temperature);
        Assert.Equal(TemperatureScaling.Highest, TemperatureScaling.Fit([1, 1], [[2, 0], [2, 0]]).Temperature);
        Assert.True(TemperatureScaling.Fit([0, 1], [[2, 0], [0, 1]]).IsAtLimit);
        Assert.Contains("row 2 has a logit", Assert.ThrowsAny<SkTuningException>(() => TemperatureScaling.Fit([0, 0], [[1, 0], [double.NaN, 0]])).Message);
        Assert.Contains("temperature is 0", Assert.ThrowsAny<SkTuningException>(() => new TemperatureScaling(0)).Message);
    }

    [Fact]
    public void A_threshold_has_the_best_f1_of_its_label()
    {
        // Label 0: a threshold below 0.3 predicts 4 rows, 3 of them correctly (F1 6/7); every other one is worse. Label 1 is separated at 0.15. No row has
        // label 2, every row has label 3.
        bool[][] truth =
        [
            [true, true, false, true], [false, true, false, true], [true, false, false, true], [true, false, false, true], [false, false, false, true],
        ];
        double[][] scores = [[0.9, 0.3, 0.1, 0.2], [0.8, 0.2, 0.9, 0.2], [0.4, 0.1, 0.5, 0.9], [0.3, 0.05, 0.6, 0.4], [0.1, 0.05, 0.2, 0.6]];
        var thresholds = LabelThresholds.MaximizingF1(truth, scores);
        Assert.Equal([0.2, 0.15, 0.5, 0.5], thresholds.Select(t => Math.Round(t, 12)));
        var f1 = MultiLabelMetrics.PerLabel(truth, LabelThresholds.Apply(scores, thresholds));
        Assert.Equal(6 / 7.0, f1[0].F1, 1e-12);
        Assert.Equal(1, f1[1].F1, 1e-12);
        Assert.Equal([[true, true, false, true]], LabelThresholds.Apply([[0.2, 0.16, 0.49, 0.5]], thresholds));
        Assert.Equal([[true, true]], LabelThresholds.Apply([[1, 1]], [1, 1]));
        Assert.Contains("row 1 has 2 scores, expected 4", Assert.ThrowsAny<SkTuningException>(() => LabelThresholds.Apply([[1, 1]], thresholds)).Message);
        Assert.Contains("3 scores per row, expected 2",
            Assert.ThrowsAny<SkTuningException>(() => LabelThresholds.MaximizingF1([[true, false]], [[1, 2, 3]])).Message);
    }

    [Fact]
    public void Equal_scores_are_decided_together_and_brute_force_finds_no_better_threshold()
    {
        var random = new Random(2);
        for (var round = 0; round < 200; round++)
        {
            var scores = Enumerable.Range(0, 12).Select(_ => new[] { random.Next(6) / 5.0 }).ToArray();
            var truth = scores.Select(_ => new[] { random.Next(3) == 0 }).ToArray();
            if (truth.All(t => t[0]) || truth.All(t => !t[0])) continue;
            double F1(double cut) => MultiLabelMetrics.PerLabel(truth, LabelThresholds.Apply(scores, [cut]))[0].F1;
            var best = F1(LabelThresholds.MaximizingF1(truth, scores)[0]);
            for (var cut = -0.05; cut < 1.1; cut += 0.1) Assert.True(F1(cut) <= best + 1e-12);
        }
    }

    [Fact]
    public void Lower_coverage_buys_accuracy()
    {
        var curve = CoverageCurve.Of([true, true, false, true, false], [0.9, 0.8, 0.8, 0.6, 0.5]);
        Assert.Equal([new(0.9, 0.2, 1), new(0.8, 0.6, 2 / 3.0), new(0.6, 0.8, 0.75), new(0.5, 1, 0.6)], curve.Points);
        Assert.Equal(new CoveragePoint(0.6, 0.8, 0.75), curve.ForAccuracy(0.7));
        Assert.Equal(new CoveragePoint(0.9, 0.2, 1), curve.ForAccuracy(0.9));
        Assert.Equal(new CoveragePoint(0.8, 0.6, 2 / 3.0), curve.ForCoverage(0.5));
        Assert.Null(CoverageCurve.Of([false], [0.9]).ForAccuracy(0.1));
        Assert.Equal((0 + 2 * (1 / 3.0) + 0.25 + 0.4) / 5, curve.AreaUnderRisk, 1e-12);
        var same = CoverageCurve.OfProbabilities([0, 1, 1, 0, 0], [[0.9, 0.1], [0.2, 0.8], [0.8, 0.2], [0.6, 0.4], [0.5, 0.5]]);
        Assert.Equal(0.8, same.Points[^1].Accuracy, 1e-12);
        Assert.Contains("the requested accuracy is 2", Assert.ThrowsAny<SkTuningException>(() => curve.ForAccuracy(2)).Message);
    }

    [Fact]
    public void The_worst_mistakes_come_first()
    {
        string[] truth = ["a", "a", "a", "b", "b", "c"], predicted = ["b", "b", "a", "a", "b", "a"];
        Assert.Equal([new("a", "b", 2, 2 / 3.0), new("c", "a", 1, 1), new("b", "a", 1, 0.5)], Mistakes.MostConfused(ClassificationReport.Of(truth, predicted)));
        Assert.Single(Mistakes.MostConfused(ClassificationReport.Of(truth, predicted), maxCount: 1));
        Assert.Equal([new(5, "c", "a", 0.99), new(1, "a", "b", 0.9)], Mistakes.MostConfident(truth, predicted, [0.5, 0.9, 1, 0.6, 1, 0.99], maxCount: 2));
    }
}
