using System.Text.Json.Nodes;
using SkTuning.Classifiers.Ordinal;
using SkTuning.Peft;

namespace SkTuning.Tests.Classifiers;

/// <summary>The task ordinal, on the embedded model.</summary>
public sealed class OrdinalTests(TrainedOnTiny tiny) : IClassFixture<TrainedOnTiny>
{
    private static OrdinalClassifierOptions Probe => new() { Method = new ProbeOptions(), Training = new() { Folds = 0 } };

    [Fact]
    public void Levels_by_a_rule_are_closer_than_those_of_a_classifier_and_of_a_rounded_number()
    {
        var (test, errors) = (LeveledReviews.Of(200, 99), new double[3]);
        string[] texts = [.. test.Select(r => r.Text)];
        double Error(IEnumerable<double> levels) => levels.Zip(test, (level, r) => Math.Abs(level - int.Parse(r.Label))).Average();
        foreach (var seed in (ulong[])[1, 2])
        {
            var train = LeveledReviews.Of(60, seed);
            // The rows need no head that leaves an adapter something to learn: longer features bind it less to the labels' texts.
            using var ordinal = OrdinalClassifier.Train(tiny.Model, train, Probe with { Head = new OrdinalHeadOptions { FeatureScale = 2 } });
            using var classes = TextClassifier.Train(tiny.Model, train, new() { Method = new ProbeOptions(), Training = new() { Folds = 0 } });
            using var number = TextRegressor.Train(tiny.Model, train, new() { Method = new ProbeOptions(), Training = new() { Folds = 0 } });
            var report = ordinal.Evaluate(test);
            Assert.True(report.QuadraticKappa > 0.9 && report.OffByOneAccuracy > 0.98, report.ToString());
            errors[0] += report.MeanAbsoluteError;
            errors[1] += Error(classes.Predict(texts).Select(p => double.Parse(p.Label)));
            errors[2] += Error(number.Predict(texts).Select(p => Math.Clamp(Math.Round(p.Value), 1, 5)));
        }
        Assert.True(errors[0] < 0.5 * errors[1] && errors[0] < errors[2], string.Join(", ", errors));
    }

    [Fact]
    public void An_adapter_is_trained_through_the_head_which_is_fitted_again_and_all_of_it_survives_the_disk()
    {
        var train = LeveledReviews.Of(40, 3);
        using var classifier = OrdinalClassifier.Train(tiny.Model, train, new()
        {
            Method = new LoraOptions { Rank = 2 },
            LabelDescriptions = new Dictionary<string, IReadOnlyList<string>> { ["1"] = ["nothing is good"], ["5"] = ["all is perfect"] },
            Training = new() { MaxSteps = 6, BatchSize = 20, Folds = 2 },
        });
        var report = classifier.Report!;
        Assert.Equal(("mae", true, 2), (report.Metric, report.Verdict!.LowerIsBetter, report.Verdict.Folds));
        Assert.InRange(report.Verdict.HeadScore, 0, 1.6);
        Assert.NotNull(report.Descriptions);
        Assert.Equal(LevelOrder.Number, classifier.Order);
        using var folder = new TemporaryFolder();
        classifier.Save(folder["a"]);
        Assert.Contains("\"temperature\"", File.ReadAllText(Path.Combine(folder["a"], "adapter.json")));
        using var again = OrdinalClassifier.Load(folder["a"], tiny.Model);
        var (first, second) = (classifier.Predict(train[3].Text), again.Predict(train[3].Text));
        Assert.Equal(first.ToJson().ToJsonString(), second.ToJson().ToJsonString());
        Assert.Equal(LevelOrder.Number, again.Order);
        Assert.Equal(1, first.Scores.Values.Sum(), 1e-9);
        Assert.Equal(first.Scores.Values.Select((p, k) => (1 + k) * p).Sum(), first.ExpectedLevel, 1e-9);
        Assert.Equal(first.Scores[first.Label], first.Confidence);
    }

    [Fact]
    public void Levels_are_ordered_as_given_by_number_or_by_first_appearance()
    {
        static Row[] Rows(params string[] labels) => [.. labels.Select((l, i) => new Row($"text {i}", l))];
        LevelOrder Order(Row[] rows, string[]? levels, params string[] expected)
        {
            using var classifier = OrdinalClassifier.Train(tiny.Model, rows, Probe with { Levels = levels });
            Assert.Equal(expected, classifier.Labels);
            var warnings = string.Join(' ', classifier.Report!.Warnings);
            Assert.Equal(classifier.Order == LevelOrder.Appearance, warnings.Contains("first appear"));
            Assert.Equal(expected.Except(rows.Select(r => r.Label)).Any(), warnings.Contains("no training row has the level 'high'"));
            return classifier.Order;
        }

        Assert.Equal(LevelOrder.Number, Order(Rows("10", "9", "-2.5", "10"), null, "-2.5", "9", "10"));
        Assert.Equal(LevelOrder.Appearance, Order(Rows("small", "large", "huge", "small"), null, "small", "large", "huge"));
        Assert.Equal(LevelOrder.Given, Order(Rows("2", "1", "2"), ["2", "1"], "2", "1"));
        Assert.Equal(LevelOrder.Given, Order(Rows("low", "medium", "low", "medium"), ["low", "medium", "high"], "low", "medium", "high"));
    }

    [Fact]
    public void What_is_ambiguous_is_refused_by_name()
    {
        string Refusal(string[] labels, string[]? levels = null) => Assert.ThrowsAny<SkTuningException>(() => OrdinalClassifier.Train(tiny.Model,
            [.. labels.Select((l, i) => new Row($"text {i}", l))], Probe with { Levels = levels }).Dispose()).Message;

        Assert.Equal("The order of the labels is ambiguous: '1' is a number, and 'n/a' is not. Correct the rows, or specify all levels, lowest first "
            + "(OrdinalClassifierOptions.Levels).", Refusal(["1", "2", "n/a"]));
        Assert.Contains("'1' and '1.0' are the same number", Refusal(["1", "1.0", "2"]));
        Assert.Contains("the label 'medium' is unknown, expected one of 'low', 'high'", Refusal(["low", "medium"], ["low", "high"]));
        Assert.Contains("'low' twice", Refusal(["low", "high"], ["low", "high", "low"]));
        Assert.Contains("only one level, '3'", Refusal(["3", "3"]));
        var options = new TextClassifierOptions { Method = new ProbeOptions(), Head = new OrdinalHeadOptions() };
        Assert.Contains("The head ordinal needs levels in an order, which the labels of the task single-label do not have",
            Assert.ThrowsAny<SkTuningException>(() => TextClassifier.Train(tiny.Model, tiny.Rows, options)).Message);
        Assert.Contains("OrdinalHeadOptions.FeatureScale",
            Assert.ThrowsAny<SkTuningException>(() => OrdinalClassifier.Train(tiny.Model, LeveledReviews.Of(10, 1),
            Probe with { Head = new OrdinalHeadOptions { FeatureScale = 0 } })).Message);
        Assert.Contains("cannot train a pooling", Assert.ThrowsAny<SkTuningException>(() => OrdinalClassifier.Train(tiny.Model, LeveledReviews.Of(10, 1),
            Probe with { Head = new OrdinalHeadOptions(), Pooling = Pooling.Attention })).Message);
    }

    [Fact]
    public void Training_continues_with_the_levels_of_the_adapter_and_cannot_add_one()
    {
        using var folder = new TemporaryFolder();
        using (var first = OrdinalClassifier.Train(tiny.Model, LeveledReviews.Of(20, 1), Probe)) first.Save(folder["a"]);
        OrdinalClassifier Continue(IReadOnlyList<Row> rows, string[]? levels = null)
            => OrdinalClassifier.Train(tiny.Model, rows,
                new() { Method = new ProbeOptions(), StartFrom = folder["a"], Dev = LeveledReviews.Of(10, 2), Levels = levels });
        using (var second = Continue([.. LeveledReviews.Of(40, 4).Where(r => r.Label != "3")])) Assert.Equal(["1", "2", "3", "4", "5"], second.Labels);
        Assert.Contains("the adapter has the levels 1, 2, 3, 4, 5, lowest first, but a row has '6': levels cannot be added",
            Assert.ThrowsAny<SkTuningException>(() => Continue([new("a", "1"), new("b", "6")])).Message);
        Assert.Contains("Levels is 5 < 4 < 3 < 2 < 1, but the adapter",
            Assert.ThrowsAny<SkTuningException>(() => Continue(LeveledReviews.Of(20, 4), ["5", "4", "3", "2", "1"])).Message);
    }

    [Fact]
    public void It_resumes_as_if_it_had_never_stopped()
    {
        using var folder = new TemporaryFolder();
        var rows = LeveledReviews.Of(30, 1);
        var options = new OrdinalClassifierOptions
        {
            Method = new LoraOptions { Rank = 2 },
            Training = new() { MaxSteps = 4, BatchSize = 10, Folds = 0 },
        };
        using var undisturbed = OrdinalClassifier.Train(tiny.Model, rows, options);
        var recorded = options with { Training = options.Training with { RunFolder = folder["run"] } };
        using var stop = new CancellationTokenSource();
        Assert.ThrowsAny<TrainingCanceledException>(() => OrdinalClassifier.Train(tiny.Model, rows, recorded, new TrainedOnTiny.Now(p =>
        {
            if (p.Step == 2) stop.Cancel();
        }), stop.Token)).Result.Dispose();
        using var resumed = OrdinalClassifier.Train(tiny.Model, rows, recorded with { Training = recorded.Training with { Resume = true } });
        Assert.Equal(undisturbed.Predict(rows[2].Text).Scores, resumed.Predict(rows[2].Text).Scores);
    }

    [Fact]
    public void Other_heads_have_levels_too_and_PEFT_refuses_the_head_by_name()
    {
        var rows = LeveledReviews.Of(30, 1);
        HeadOptions[] heads = [new SemanticHeadOptions(), new LinearHeadOptions(), new LabelTextsHeadOptions(), new HuggingFaceHeadOptions()];
        foreach (var head in heads)
        {
            using var classifier = OrdinalClassifier.Train(tiny.Model, rows, new()
            {
                Head = head,
                Dev = rows,
                Method = head is LabelTextsHeadOptions ? new LoraOptions { Rank = 2 } : new ProbeOptions(),
                Training = new() { MaxSteps = 2 },
            });
            Assert.InRange(classifier.Evaluate(rows).MeanAbsoluteError, 0, 1.7);
        }
        using var folder = new TemporaryFolder();
        using var ordinal = OrdinalClassifier.Train(tiny.Model, rows,
            new() { Method = new LoraOptions { Rank = 2 }, Training = new() { MaxSteps = 1, Folds = 0 } });
        Assert.Contains("PEFT cannot represent the head 'ordinal'",
            Assert.ThrowsAny<SkTuningException>(() => PeftInterop.Export(ordinal, folder["peft"])).Message);
    }

    [Fact]
    public void Texts_in_windows_and_weighted_levels_are_trained_and_dev_rows_choose_a_metric()
    {
        IReadOnlyList<Row> rows = [.. LeveledReviews.Of(30, 1).Select(r => r with { Text = string.Join(". ", Enumerable.Repeat(r.Text, 6)) })];
        using var classifier = OrdinalClassifier.Train(tiny.Model, rows, new()
        {
            Method = new ProbeOptions(), Dev = rows, MaxTokens = 24, Truncation = Truncation.Windows,
            Training = new() { Metric = "quadratic-kappa", BalanceClasses = true, LabelSmoothing = 0.1 },
        });
        Assert.Equal(classifier.Evaluate(rows).QuadraticKappa, classifier.Report!.DevScore, 1e-9);
        Assert.True(classifier.Report.DevScore > 0.5, $"{classifier.Report.DevScore}");
        Assert.Contains("all have the level '1'", Assert.ThrowsAny<SkTuningException>(() => OrdinalClassifier.Train(tiny.Model, rows,
            new() { Method = new ProbeOptions(), Dev = [rows[0]], Training = new() { Metric = "spearman" } })).Message);
    }

    [Fact]
    public void A_damaged_order_is_refused_by_name()
    {
        var e = Assert.ThrowsAny<SkTuningException>(() => OrdinalSettings.Read(new JsonObject { ["levelOrder"] = 7 }, "adapter.json"));
        Assert.Equal("adapter.json: 'levelOrder' is 7, expected one of given, number, appearance.", e.Message);
        e = Assert.ThrowsAny<SkTuningException>(() => OrdinalSettings.Read(new JsonObject { ["temperature"] = 0.0 }, "a"));
        Assert.Contains("'temperature'", e.Message);
        var written = new JsonObject();
        new OrdinalSettings().Write(written);
        Assert.Empty(written);
        new OrdinalSettings(LevelOrder.Appearance, 0.5).Write(written);
        Assert.Equal(new(LevelOrder.Appearance, 0.5), OrdinalSettings.Read(written, "adapter.json"));
    }
}
