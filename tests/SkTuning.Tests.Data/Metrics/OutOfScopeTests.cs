using System.Text.Json.Nodes;
using SkTuning.Metrics;

namespace SkTuning.Tests.Metrics;

/// <summary>The scores for texts out of scope, by hand on five rows and against scikit-learn and SciPy.</summary>
public sealed class OutOfScopeTests
{
    /// <summary>Two labels with the means (0, 0) and (4, 0), the first with three rows.</summary>
    private static readonly FeatureRows Five = FeatureRows.Of([[0, 0], [0, 3], [0, -3], [3, 0], [5, 0]]);

    private static readonly int[] Classes = [0, 0, 0, 1, 1];

    private static readonly JsonNode Expected = JsonNode.Parse(File.ReadAllText(Path.Combine(Fixtures.Root, "decisions", "rejection.json")))!;

    [Fact]
    public void Energy_and_maximum_probability_by_hand()
    {
        // exp of the scores: 1, 2, 5 of 8; with temperature 2 of the doubled scores they are the same.
        float[] scores = [0, MathF.Log(2), MathF.Log(5)];
        Assert.Equal(-Math.Log(8), OutOfScopeScores.Energy(scores, 1), 1e-6);
        Assert.Equal(3.0 / 8, OutOfScopeScores.MaximumProbability(scores, 1), 1e-6);
        float[] doubled = [.. scores.Select(z => 2 * z)];
        Assert.Equal(-2 * Math.Log(8), OutOfScopeScores.Energy(doubled, 2), 1e-6);
        Assert.Equal(3.0 / 8, OutOfScopeScores.MaximumProbability(doubled, 2), 1e-6);
        Assert.Equal(-1000, OutOfScopeScores.Energy([1000, -1000], 1));
    }

    [Fact]
    public void The_covariance_and_its_shrinkage_by_hand()
    {
        // The rows less the means of their labels: (0, 0), (0, 3), (0, -3), (-1, 0), (1, 0). The covariance is diag(2/5, 18/5).
        var (covariance, shrinkage) = MahalanobisDistance.LedoitWolf([[0, 0, 0, -1, 1], [0, 3, -3, 0, 0]]);
        Assert.Equal([0.4], covariance[0]);
        Assert.Equal([0, 3.6], covariance[1]);
        // mean 2; distance ((0.4-2)^2 + (3.6-2)^2) / 2 = 2.56; noise (mean fourth power 164/5 = 32.8, less 0.16 + 12.96) / (2 * 5) = 1.968.
        Assert.Equal(1.968 / 2.56, shrinkage, 1e-12);
        MahalanobisDistance.Shrink(covariance, shrinkage);
        // (1 - s) 0.4 + 2 s and (1 - s) 3.6 + 2 s, for s = 0.76875.
        Assert.Equal(1.63, covariance[0][0], 1e-12);
        Assert.Equal(2.37, covariance[1][1], 1e-12);
    }

    [Fact]
    public void The_distance_from_the_nearest_mean_by_hand()
    {
        var distance = MahalanobisDistance.Fit(Five, Classes);
        Assert.Equal([0, 0, 4, 0], distance.Means.Values);
        Assert.Equal(0, distance.Of([4, 0]), 1e-6);
        Assert.Equal(1 / 1.63, distance.Of([1, 0]), 1e-5);
        Assert.Equal(1 / 1.63 + 4 / 2.37, distance.Of([3, 2]), 1e-5);
        Assert.Equal(4 / 1.63, distance.Of([2, 0]), 1e-5);
    }

    [Fact]
    public void What_is_stored_gives_the_same_distance()
    {
        var distance = MahalanobisDistance.Fit(Five, Classes);
        Assert.Equal(3, distance.Factor.Length);
        Assert.Equal(distance.Of([3, 2]), new MahalanobisDistance(distance.Means, distance.Factor).Of([3, 2]));
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 2.5)]
    [InlineData(9, 3.8)]
    public void The_mean_distance_from_the_nearest_rows_by_hand(int neighbors, double expected)
    {
        // From the origin, the distances are 4, 3, 2, 5 and 5.
        var distance = new NeighborDistance(FeatureRows.Of([[4, 0], [0, 3], [0, 2], [5, 0], [3, 4]]), neighbors);
        Assert.Equal(expected, distance.Of([0, 0]), 1e-12);
    }

    [Fact]
    public void Auroc_and_the_rate_of_false_positives_by_hand()
    {
        // Pairs of a row out of scope (3, 5) and one in scope (1, 2, 3): 2 + 1/2 for 3, and 3 for 5.
        Assert.Equal(5.5 / 6, OutOfScopeMetrics.Auroc([1, 2, 3], [3, 5]), 1e-12);
        // All three rows in scope are kept up to 3, and so is one of the two others.
        Assert.Equal(0.5, OutOfScopeMetrics.FalsePositiveRate([1, 2, 3], [3, 5]));
        // Two of three are kept up to 2: none of the others.
        Assert.Equal(0, OutOfScopeMetrics.FalsePositiveRate([1, 2, 3], [3, 5], 0.6));
    }

    [Fact]
    public void A_threshold_rejects_at_most_the_given_fraction()
    {
        double[] scores = [.. Enumerable.Range(1, 20).Select(i => (double)i)];
        Assert.Equal(19, OutOfScopeMetrics.Threshold(scores, 0.05));
        Assert.Equal(20, OutOfScopeMetrics.Threshold(scores, 0.049));
        Assert.Equal(10, OutOfScopeMetrics.Threshold(scores, 0.5));
        // Equal scores are kept together.
        Assert.Equal(2, OutOfScopeMetrics.Threshold([1, 2, 2, 2], 0.3));
    }

    [Theory]
    [InlineData(new double[] { 1, 2, 3 }, new double[] { 5, 7 }, 4)]
    [InlineData(new double[] { 1, 2, 6 }, new double[] { 5, 7 }, 3.5)]
    [InlineData(new double[] { 3 }, new double[] { 1 }, 3)]
    public void The_best_threshold_is_halfway_between_two_scores(double[] inside, double[] outside, double expected)
        => Assert.Equal(expected, OutOfScopeMetrics.BestThreshold(inside, outside));

    [Fact]
    public void The_scores_are_those_of_scikit_learn_and_scipy()
    {
        var known = FeatureRows.Of(Rows("known"));
        var (distance, neighbors) = (MahalanobisDistance.Fit(known, [.. Numbers("classes").Select(c => (int)c)]), new NeighborDistance(known, 4));
        var temperature = Expected["temperature"]!.GetValue<double>();
        Close("mahalanobis", Rows("texts").Select(x => distance.Of(x)), 1e-5);
        Close("neighbors4", Rows("texts").Select(x => neighbors.Of(x)), 1e-9);
        Close("energy", Rows("scores").Select(z => OutOfScopeScores.Energy(z, temperature)), 1e-12);
        Close("maximum", Rows("scores").Select(z => OutOfScopeScores.MaximumProbability(z, temperature)), 1e-12);
    }

    [Fact]
    public void The_covariances_are_those_of_scikit_learn()
    {
        var (rows, classes) = (Rows("known"), Numbers("classes"));
        double[][] columns = [.. Enumerable.Range(0, rows[0].Length).Select(d => rows.Select((r, i) => r[d] - Mean(classes[i], d)).ToArray())];
        Compare("empirical", MahalanobisDistance.LedoitWolf(columns).Covariance);
        var (covariance, shrinkage) = MahalanobisDistance.LedoitWolf(columns);
        Assert.Equal(Expected["shrinkage"]!.GetValue<double>(), shrinkage, 1e-9);
        MahalanobisDistance.Shrink(covariance, shrinkage);
        Compare("covariance", covariance);
        covariance = MahalanobisDistance.LedoitWolf(columns).Covariance;
        MahalanobisDistance.Shrink(covariance, 0.3);
        Compare("shrunk03", covariance);

        double Mean(double label, int d) => rows.Where((_, r) => classes[r] == label).Average(r => (double)r[d]);

        void Compare(string name, double[][] lower)
        {
            for (var i = 0; i < lower.Length; i++)
                for (var j = 0; j <= i; j++) Assert.Equal(Expected[name]![i]![j]!.GetValue<double>(), lower[i][j], 1e-9);
        }
    }

    [Fact]
    public void The_metrics_are_those_of_scikit_learn()
    {
        var (inside, outside) = (Numbers("inside"), Numbers("outside"));
        Assert.Equal(Expected["auroc"]!.GetValue<double>(), OutOfScopeMetrics.Auroc(inside, outside), 1e-12);
        Assert.Equal(Expected["fpr95"]!.GetValue<double>(), OutOfScopeMetrics.FalsePositiveRate(inside, outside), 1e-12);
        Assert.Equal(Expected["fpr80"]!.GetValue<double>(), OutOfScopeMetrics.FalsePositiveRate(inside, outside, 0.8), 1e-12);
    }

    [Fact]
    public void A_report_counts_what_a_threshold_rejects()
    {
        var report = RejectionReport.Of(RejectionScore.Energy, 2.5, [1, 2, 3, 4], [true, false, false, true], [2, 5]);
        Assert.Equal((0.5, 0.5, 0.5, 0.5), (report.Accuracy, report.AnsweredAccuracy, report.InScopeRejected, report.OutOfScopeRejected));
        Assert.Equal((5.5 / 8, 0.5), (report.Auroc!.Value, report.FalsePositiveRate));
        Assert.Equal([4, 3, 2], report.Curve.Select(p => p.Threshold));
        Assert.Equal([0, 0.25, 0.5], report.Curve.Select(p => p.InScopeRejected));
        Assert.Null(RejectionReport.Of(RejectionScore.Energy, 2.5, [1], [true], []).Auroc);
    }

    private static void Close(string name, IEnumerable<double> actual, double tolerance)
    {
        foreach (var (expected, value) in Numbers(name).Zip(actual)) Assert.Equal(expected, value, tolerance * Math.Max(1, Math.Abs(expected)));
    }

    private static double[] Numbers(string name) => [.. Expected[name]!.AsArray().Select(v => v!.GetValue<double>())];

    private static float[][] Rows(string name) => [.. Expected[name]!.AsArray().Select(r => r!.AsArray().Select(v => (float)v!.GetValue<double>()).ToArray())];
}
