using System.Diagnostics;

namespace SkTuning.Tests.Metrics;

/// <summary>The confidence intervals of evaluation reports.</summary>
public sealed class IntervalTests
{
    // statsmodels.stats.proportion.proportion_confint(right, rows, method="wilson")
    [Theory]
    [InlineData(16, 18, 0.6720, 0.9690)]
    [InlineData(0, 10, 0, 0.2775)]
    [InlineData(10, 10, 0.7225, 1)]
    [InlineData(500, 1000, 0.4691, 0.5309)]
    public void The_interval_of_the_accuracy_is_that_of_Wilson(int right, int rows, double low, double high)
    {
        int[] truth = [.. Enumerable.Repeat(0, rows)], predicted = [.. Enumerable.Range(0, rows).Select(i => i < right ? 0 : 1)];
        var interval = ClassificationReport.Of(["a", "b"], truth, predicted).AccuracyInterval;
        Assert.Equal((low, high, 0.95), (Math.Round(interval.Low, 4), Math.Round(interval.High, 4), interval.Confidence));
        Assert.Equal(right / (double)rows, interval.Value);
        double[] expected = [.. predicted.Select(p => (double)p)];
        Assert.Equal(interval, OrdinalReport.Of(truth, predicted, expected).AccuracyInterval);
    }

    [Fact]
    public void The_interval_of_the_macro_F1_contains_it_and_is_narrower_with_more_rows()
    {
        var (few, many) = (Report(90).MacroF1Interval, Report(9000).MacroF1Interval);
        Assert.Equal(Report(90).Macro.F1, few.Value, 1e-12);
        Assert.True(few.Low < few.Value && few.Value < few.High);
        // Ten times as narrow with a hundred times the rows, but for the randomness of the samples.
        Assert.InRange((few.High - few.Low) / (many.High - many.Low), 8, 12);
        Assert.Equal(few, Report(90).MacroF1Interval);
    }

    [Fact]
    public void A_class_with_one_row_is_in_every_sample_and_without_an_error_the_report_shows_no_interval_of_the_macro_F1()
    {
        var report = ClassificationReport.Of(["a", "b", "rare"], [0, 0, 0, 1, 1, 2], [0, 0, 0, 1, 1, 2]);
        var interval = report.MacroF1Interval;
        Assert.Equal((1, 1, 1), (interval.Value, interval.Low, interval.High));
        Assert.Contains("accuracy 0.610 to 1.000 (Wilson)" + Environment.NewLine, report.ToString());
    }

    [Fact]
    public void A_million_rows_take_seconds_and_not_minutes()
    {
        var report = Report(1_000_002);
        var clock = Stopwatch.StartNew();
        var interval = report.MacroF1Interval;
        Assert.True(clock.Elapsed.TotalSeconds < 30, $"{clock.Elapsed}");
        Assert.InRange(interval.High - interval.Low, 1e-4, 1e-2);
    }

    [Fact]
    public void The_report_and_its_JSON_say_which_intervals_they_are()
    {
        var report = Report(90);
        Assert.Contains("95 % intervals      accuracy 0.", report.ToString());
        Assert.Contains("(Wilson), macro F1 0.", report.ToString());
        var json = report.ToJson();
        Assert.Equal(("wilson", "bootstrap"), ((string?)json["accuracyInterval"]!["method"], (string?)json["macroF1Interval"]!["method"]));
        Assert.Equal(report.MacroF1Interval.Low, (double)json["macroF1Interval"]!["low"]!);
    }

    /// <summary>Three classes of which every third, fourth and fifth row is wrong.</summary>
    private static ClassificationReport Report(int rows)
    {
        int[] truth = [.. Enumerable.Range(0, rows).Select(i => i % 3)];
        return ClassificationReport.Of(["a", "b", "c"], truth, [.. truth.Select((t, i) => i / 3 % (3 + t) == 0 ? (t + 1) % 3 : t)]);
    }
}
