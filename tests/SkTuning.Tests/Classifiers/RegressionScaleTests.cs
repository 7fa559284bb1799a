using SkTuning.Batches;
using SkTuning.Classifiers.Regression;
using static TorchSharp.torch;

namespace SkTuning.Tests.Classifiers;

/// <summary>Numbers of any size are learned as well as numbers around 0.</summary>
public sealed class RegressionScaleTests
{
    [Theory, InlineData(1e9, 1), InlineData(-1e12, 0.5), InlineData(0, 1e30), InlineData(0, 1e-30), InlineData(1e300, 1e290), InlineData(5, 1e-6)]
    public void Small_differences_of_large_numbers_are_learned_like_the_differences_alone(double offset, double unit)
    {
        using var model = FrozenModel.Load(Fixtures.MicroModel, new() { Device = "cpu" });
        using var plain = Train(model, 0, 1);
        using var scaled = Train(model, offset, unit);
        foreach (var row in OverflowingModel.Rows)
        {
            var (expected, found) = (plain.Predict(row.Text).Value, scaled.Predict(row.Text).Value);
            Assert.Equal(expected, (found - offset) / unit, Math.Max(1e-5, Math.Abs(offset / unit) * 1e-13));
        }
        Assert.True(double.IsFinite(scaled.Report!.DevScore) || unit >= 1e200);
    }

    [Fact]
    public void Targets_are_centred_before_they_are_narrowed()
    {
        double[] numbers = [1e9 + 1, 1e9 + 2, 1e9 + 3, 1e9 + 4];
        var settings = (RegressionSettings)new RegressionTask().CreateSettings([.. numbers.Select(n => new Row("a", $"{n}"))]);
        Assert.Equal((1e9 + 2.5, Math.Sqrt(1.25)), (settings.Mean, settings.Deviation));
        var objective = RegressionTask.Objective(settings);
        EncodedRow[] rows = [.. numbers.Select(n => new EncodedRow([1]) { Values = [n] })];
        using var scope = NewDisposeScope();
        var targets = objective.Targets(rows, CPU).data<float>().ToArray();
        Assert.Equal(numbers.Select(n => (float)((n - settings.Mean) / settings.Deviation)), targets);
        Assert.Equal(0, objective.Score("mae", tensor(targets).unsqueeze(1), rows), 1e-6);
        Assert.Equal(1, objective.Score("r2", tensor(targets).unsqueeze(1), rows), 1e-9);
    }

    [Fact]
    public void A_prediction_shows_the_digits_in_which_the_numbers_differ()
    {
        Assert.Equal("1000000012.346", new TextRegressorPrediction { Value = 1000000012.346, Deviation = 10 }.ToString());
        Assert.Equal("3.14159", new TextRegressorPrediction { Value = Math.PI }.ToString());
        Assert.Equal("0", new TextRegressorPrediction { Value = 0 }.ToString());
    }

    [Fact]
    public void Rows_that_floats_do_not_tell_apart_have_different_hashes()
    {
        Assert.NotEqual(Hash(1e9 + 1, 1e9 + 2), Hash(1e9 + 1, 1e9 + 3));
        Assert.NotEqual(Hash(1, 2), Hash(1, 3));

        static string Hash(params double[] numbers) => RowHash.Of(numbers.Select(n => new EncodedRow([1]) { Values = [n] }), withAnswers: true);
    }

    [Fact]
    public void Numbers_that_are_the_same_or_whose_deviation_has_no_value_are_refused()
    {
        Assert.Contains("the same number, 0.1", Refused(0.1, 0.1, 0.1));
        Assert.Contains("use another unit", Refused(double.MaxValue, double.MaxValue, -double.MaxValue));
        Assert.Contains("use another unit", Refused(double.Epsilon, 0, 0));

        static string Refused(params double[] numbers) => Assert.ThrowsAny<SkTuningException>(
            () => new RegressionTask().CreateSettings([.. numbers.Select(n => new Row("a", FormattableString.Invariant($"{n:R}")))])).Message;
    }

    [Fact]
    public void A_metric_without_a_value_on_the_dev_rows_is_refused_before_training()
    {
        using var model = FrozenModel.Load(Fixtures.MicroModel, new() { Device = "cpu" });
        Row[] rows = [.. OverflowingModel.Rows.Select((r, i) => r with { Label = $"{i}" })];
        Row[] dev = [.. rows.Select(r => r with { Label = "1" })];
        var options = new TextRegressorOptions { Method = new ProbeOptions(), Dev = dev, Training = new() { Metric = "pearson" } };
        Assert.Contains("pearson is not defined", Assert.ThrowsAny<SkTuningException>(() => TextRegressor.Train(model, rows, options)).Message);
    }

    private static TextRegressor Train(FrozenModel model, double offset, double unit)
    {
        Row[] rows = [.. OverflowingModel.Rows.Select((r, i) => r with { Label = FormattableString.Invariant($"{offset + i % 4 * unit:R}") })];
        return TextRegressor.Train(model, rows, new() { Method = new ProbeOptions(), Dev = rows, Training = new() { Epochs = 1, Metric = "loss" } });
    }
}
