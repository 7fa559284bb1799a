using SkTuning.Metrics;

namespace SkTuning.Tests.Metrics;

public sealed class MetricTests
{
    [Fact]
    public void The_report_reads_as_a_table()
    {
        var report = ClassificationReport.Of(["spam", "ham", "ham", "ham"], ["spam", "spam", "ham", "ham"]);
        var expected = """
                              precision  recall      f1    rows
            ham                   1.000   0.667   0.800       3
            spam                  0.500   1.000   0.667       1

            macro mean            0.750   0.833   0.733       4
            weighted              0.875   0.750   0.767       4
            accuracy                              0.750       4
            MCC, kappa                    0.577   0.500

            true \ predicted       ham      spam
            ham                      2         1
            spam                     0         1
            """;
        string[] lines = report.ToString().ReplaceLineEndings("\n").Split('\n');
        var intervals = Assert.Single(lines, l => l.StartsWith("95 % intervals", StringComparison.Ordinal));
        // Wilson's interval of 3 of 4: (0.75 + 1.96²/8 ± 1.96·sqrt(0.1875/4 + 1.96²/64)) / (1 + 1.96²/4).
        Assert.Matches(@"accuracy 0\.301 to 0\.954 \(Wilson\), macro F1 0\.\d{3} to 1\.000 \(bootstrap\)", intervals);
        Assert.Equal(expected.ReplaceLineEndings("\n"), string.Join('\n', lines.Where(l => l != intervals)));
        Assert.Equal(["ham", "spam"], report.Labels);
        string[] many = [.. Enumerable.Range(0, 40).Select(i => $"a class with a very long name, number {i}")];
        Assert.DoesNotContain("predicted", ClassificationReport.Of(many, [0], [39]).ToString());
    }

    [Fact]
    public void Invalid_input_is_rejected()
    {
        Refused("Accuracy: 1 predictions for 2 rows, expected one per row.", () => ClassificationMetrics.Accuracy([0, 1], [0]));
        Refused("Accuracy: no rows, expected at least 1.", () => ClassificationMetrics.Accuracy([], []));
        Refused("Confusion matrix: row 2 has the predicted class 2, expected 0 to 1.", () => ClassificationMetrics.Confusion([0, 1], [0, 2], 2));
        Refused("Log loss: row 1 has the true class -1, expected 0 to 1.", () => ProbabilityMetrics.LogLoss([-1], [[0.5, 0.5]]));
        Refused("Log loss: row 2 has 3 probabilities, expected 2 as in row 1.", () => ProbabilityMetrics.LogLoss([0, 0], [[0.5, 0.5], [1, 0, 0]]));
        Refused("Brier score: row 1 has the probability NaN, expected 0 to 1.", () => ProbabilityMetrics.Brier([0], [[double.NaN, 0.5]]));
        Refused("Brier score: the probabilities of row 1 sum to 1.5, expected 1.", () => ProbabilityMetrics.Brier([0], [[1, 0.5]]));
        Refused("Mean squared error: row 1 has the true value Infinity, expected a finite number.",
            () => RegressionMetrics.MeanSquaredError([double.PositiveInfinity], [1]));
        Refused("Hamming loss: 1 predicted labels per row, expected 2 as in the true labels.", () => MultiLabelMetrics.HammingLoss([[true, false]], [[true]]));
        Refused("Entity metrics: sentence 1 has 1 predicted tags, expected 2, one per token.", () => EntityMetrics.Conll([["O", "O"]], [["O"]]));
        Refused("Entity tags: token 2 is tagged 'PER', expected O, or B-, I-, E- or S- followed by a type.", () => EntityTags.ReadConll(["O", "PER"]));
        Refused("Entity tags: token 1 is tagged 'S-PER', expected O, B- or I-. Use the scheme Bioes for E- and S-.", () => EntityTags.ReadStrict(["S-PER"]));
    }

    [Fact]
    public void Extreme_probabilities_give_the_documented_values()
    {
        Assert.Equal(36.04365338911715, ProbabilityMetrics.LogLoss([1], [[1, 0]]), 1e-9);
        Assert.Equal(2, ProbabilityMetrics.Brier([1], [[1, 0]]));
        Assert.Equal(0.5, ProbabilityMetrics.Auc([0, 1], [[0.5, 0.5], [0.5, 0.5]]));
        Assert.Equal(1, ProbabilityMetrics.AucOneVersusRest([0, 1, 2], [[0.8, 0.1, 0.1], [0.2, 0.6, 0.2], [0.1, 0.1, 0.8]]));
        Assert.True(double.IsNaN(ProbabilityMetrics.AucOneVersusRest([0, 1], [[0.8, 0.1, 0.1], [0.2, 0.6, 0.2]])));
        Assert.Equal(0, ProbabilityMetrics.TopK([0], [[0.4, 0.4, 0.2]], 1));
        Assert.Equal(1, ProbabilityMetrics.TopK([1], [[0.4, 0.4, 0.2]], 1));
        Assert.Equal(0.3, ProbabilityMetrics.CalibrationError([0, 1], [[0.8, 0.2], [0.8, 0.2]]), 1e-12);
        Assert.Equal(0, ProbabilityMetrics.CalibrationError([0], [[1, 0]]));
    }

    [Fact]
    public void Constant_numbers_give_the_documented_values()
    {
        Assert.Equal(1, RegressionMetrics.RSquared([2, 2], [2, 2]));
        Assert.Equal(0, RegressionMetrics.RSquared([2, 2], [2, 3]));
        Assert.True(double.IsNaN(RegressionMetrics.RSquared([2], [2])));
        Assert.True(double.IsNaN(RegressionMetrics.Pearson([0.1, 0.1, 0.1], [1, 2, 3])));
        Assert.Equal(-1, RegressionMetrics.Spearman([1, 2, 3], [9, 5, 4.9]), 1e-12);
    }

    [Fact]
    public void Entities_are_read_leniently_or_strictly()
    {
        string[] tags = ["I-PER", "I-LOC", "B-LOC", "O", "S-ORG", "B-ORG", "E-ORG", "I-ORG", "B"];
        Assert.Equal(
            [new("PER", 0, 1), new("LOC", 1, 2), new("LOC", 2, 3), new("ORG", 4, 5), new("ORG", 5, 7), new("ORG", 7, 8), new("", 8, 9)],
            EntityTags.ReadConll(tags));
        Assert.Equal([new("ORG", 4, 5), new("ORG", 5, 7)], EntityTags.ReadStrict(tags, EntityScheme.Bioes));
        Assert.Equal([new("PER", 1, 3), new("LOC", 4, 5)], EntityTags.ReadStrict(["I-PER", "B-PER", "I-PER", "I-LOC", "B-LOC"]));
        Assert.Equal([new("PER", 0, 3)], EntityTags.ReadStrict(["B-PER", "I-PER", "E-PER", "B-PER", "I-PER"], EntityScheme.Bioes));
        var report = EntityMetrics.Strict([["B-PER", "I-PER", "O"]], [["B-PER", "I-PER", "B-LOC"]]);
        Assert.Equal([("LOC", 0), ("PER", 1)], report.PerType.Select(t => (t.Label, t.Rows)));
        Assert.Equal(new Scores(0.5, 1, 2.0 / 3), report.Micro);
    }

    [Fact]
    public void A_bootstrap_interval_contains_the_value_and_repeats_with_its_seed()
    {
        var right = Enumerable.Range(0, 400).Select(i => i % 5 != 0).ToArray();
        double Accuracy(IReadOnlyList<int> rows) => rows.Count(r => right[r]) / (double)rows.Count;
        var interval = Bootstrap.Interval(400, Accuracy);
        Assert.Equal(0.8, interval.Value, 1e-12);
        // The normal approximation: 0.8 ± 1.96 · 0.02.
        Assert.Equal(0.761, interval.Low, 0.005);
        Assert.Equal(0.839, interval.High, 0.005);
        Assert.Equal(interval, Bootstrap.Interval(400, Accuracy));
        double Mean(IReadOnlyList<int> rows) => rows.Average(r => Math.Sqrt(r));
        Assert.Equal(Bootstrap.Interval(400, Mean, seed: 3), Bootstrap.Interval(400, Mean, seed: 3));
        Assert.NotEqual(Bootstrap.Interval(400, Mean, seed: 3).Low, Bootstrap.Interval(400, Mean, seed: 4).Low);
        Assert.True(double.IsNaN(Bootstrap.Interval(3, _ => double.NaN).Low));
        Refused("Bootstrap: 10 samples, expected at least 100.", () => Bootstrap.Interval(3, _ => 0, samples: 10));
        Refused("Bootstrap: 0 rows, expected at least 1.", () => Bootstrap.Interval(0, _ => 0));
        Refused("Bootstrap: the confidence is 95, expected above 0 and below 1.", () => Bootstrap.Interval(3, _ => 0, confidence: 95));
    }

    [Theory]
    [InlineData(10, 25, 0.01667384780012071)]
    [InlineData(0, 6, 0.03125)]
    [InlineData(6, 0, 0.03125)]
    [InlineData(7, 7, 1)]
    [InlineData(0, 0, 1)]
    [InlineData(4900, 5100, 0.04658552770494739)]
    [InlineData(0, 1000, 1.8665272370064378e-301)]
    [InlineData(0, 3000, 0)]
    public void McNemar_gives_the_exact_binomial_tail(int onlyFirst, int onlySecond, double p)
    {
        // 5 rows that both predict correctly, 3 that neither does.
        var truth = Enumerable.Repeat(0, onlyFirst + onlySecond + 8).ToArray();
        var first = truth.Select((_, i) => i < 5 || i >= 8 && i < 8 + onlyFirst ? 0 : 1).ToArray();
        var second = truth.Select((_, i) => i < 5 || i >= 8 + onlyFirst ? 0 : 1).ToArray();
        var result = PairedTests.McNemar(truth, first, second);
        Assert.Equal((onlyFirst, onlySecond), (result.OnlyFirst, result.OnlySecond));
        Assert.True(Math.Abs(p - result.PValue) <= 1e-11 * p, $"{result.PValue:R}, expected {p:R}");
    }

    [Fact]
    public void The_paired_bootstrap_distinguishes_a_difference_from_chance()
    {
        var better = Enumerable.Range(0, 300).Select(i => i % 10 != 0).ToArray();
        var worse = Enumerable.Range(0, 300).Select(i => i % 10 != 0 && i % 7 != 0).ToArray();
        Func<IReadOnlyList<int>, double> Of(bool[] right) => rows => rows.Average(r => right[r] ? 1.0 : 0);
        var clear = PairedTests.Bootstrap(300, Of(better), Of(worse));
        Assert.InRange(clear.PValue, 0, 0.002);
        Assert.True(clear.Difference.Low > 0 && clear.Difference.Value > clear.Difference.Low && clear.Difference.High > clear.Difference.Value);
        var other = Enumerable.Range(0, 300).Select(i => i % 10 != 1).ToArray();
        Assert.True(PairedTests.Bootstrap(300, Of(better), Of(other)).PValue > 0.5);
        Assert.Equal(1, PairedTests.Bootstrap(300, Of(better), Of(better)).PValue);
    }

    [Fact]
    public void The_p_value_of_the_paired_bootstrap_counts_the_samples_on_each_side_and_the_rows_themselves()
    {
        // All of 100 samples are above 0, or none differs.
        Assert.Equal(2.0 / 101, PairedTests.Bootstrap(3, _ => 1, _ => 0, samples: 100).PValue, 1e-15);
        Assert.Equal(2.0 / 101, PairedTests.Bootstrap(3, _ => 0, _ => 1, samples: 100).PValue, 1e-15);
        Assert.Equal(1, PairedTests.Bootstrap(3, _ => 1, _ => 1, samples: 100).PValue);
        // 90 samples above 0 and 10 at 0, which count for both sides.
        Assert.Equal(2.0 * 11 / 101, PairedTests.Bootstrap(3, Rising(zeros: 10), _ => 0, samples: 100).PValue, 1e-15);

        // The metric of the samples, which are drawn before it is computed on the rows themselves.
        static Func<IReadOnlyList<int>, double> Rising(int zeros)
        {
            var call = 0;
            return _ => call++ < zeros ? 0 : 1;
        }
    }

    [Fact]
    public void Samples_without_a_difference_are_left_out_and_without_any_there_is_no_p_value()
    {
        var calls = 0;
        var half = PairedTests.Bootstrap(3, _ => calls++ % 2 == 0 ? 1 : double.NaN, _ => 0, samples: 100);
        Assert.Equal(2.0 / 51, half.PValue, 1e-15);
        var none = PairedTests.Bootstrap(3, _ => double.NaN, _ => 0, samples: 100);
        Assert.Equal((double.NaN, double.NaN, double.NaN), (none.PValue, none.Difference.Low, none.Difference.High));
    }

    [Fact]
    public void Bootstraps_refuse_what_cannot_be_sampled()
    {
        Refused("Bootstrap: 99 samples, expected at least 100.", () => PairedTests.Bootstrap(3, _ => 1, _ => 0, samples: 99));
        Refused("Bootstrap: 0 rows, expected at least 1.", () => Bootstrap.Interval(0, _ => 1));
        Refused("Bootstrap: the confidence is 0, expected above 0 and below 1.", () => Bootstrap.Interval(1, _ => 1, confidence: 0));
        Refused("Bootstrap: the confidence is 1, expected above 0 and below 1.", () => Bootstrap.Interval(1, _ => 1, confidence: 1));
        Assert.Equal((1, 1), (Bootstrap.Interval(1, r => r.Count, samples: 100).Low, Bootstrap.Interval(1, r => r.Count, samples: 100).High));
    }

    [Fact]
    public void The_interval_is_interpolated_between_the_samples()
    {
        // 101 samples: 0 to 100. The middle half is 25 to 75; nine tenths and a half are 2.75 to 97.25 (0.945 of them).
        foreach (var (confidence, low, high) in new[] { (0.5, 25.0, 75.0), (0.945, 2.75, 97.25) })
        {
            var call = -1;
            var interval = Bootstrap.Interval(2, _ => call++, confidence, samples: 101);
            Assert.Equal(-1, interval.Value);
            Assert.Equal((low, high), (Math.Round(interval.Low, 9), Math.Round(interval.High, 9)));
        }
    }

    [Theory]
    [InlineData(true, "O", "B-PER", "I-PER", "E-ORG", "S-ORG")]
    [InlineData(true, "O")]
    [InlineData(false, "O", "B-PER", "NOUN")]
    [InlineData(false, "O", "B-")]
    [InlineData(false, "X-PER")]
    public void Tags_mark_entities_if_every_one_has_a_prefix(bool expected, params string[] tags) => Assert.Equal(expected, EntityTags.MarksEntities(tags));

    private static void Refused(string message, Func<object> metric) => Assert.Equal(message, Assert.ThrowsAny<SkTuningException>(() => { metric(); }).Message);
}
