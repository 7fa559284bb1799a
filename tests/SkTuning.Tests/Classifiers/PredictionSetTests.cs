using SkTuning.Adapters;

namespace SkTuning.Tests.Classifiers;

/// <summary>Sets of possible labels: from calibration to every place that shows them.</summary>
public sealed class PredictionSetTests(TrainedOnTiny tiny) : IClassFixture<TrainedOnTiny>
{
    private static IReadOnlyList<Row> Support(string part)
        => RowFile.Load(Path.Combine(Fixtures.Repository, "assets", "data", "support", part + ".tsv"));

    [Fact]
    public void Sets_are_saved_with_the_adapter_and_are_the_same_in_every_batch()
    {
        var dev = Support("dev");
        var decision = tiny.Classifier.RequireCoverage(0.9, dev);
        using var classifier = tiny.Classifier.WithDecision(decision with { Sets = decision.Sets! with { MaxChoices = 2 } });
        Assert.Equal((0.9, dev.Count, tiny.Classifier.Decision.Temperature), (decision.Sets!.Coverage, decision.Sets.Rows, decision.Sets.Temperature));
        string[] texts = [.. Support("test").Select(r => r.Text).Take(40)];
        var predictions = classifier.Predict(texts);
        Assert.All(predictions, p =>
        {
            Assert.Equal(p.Label, p.PossibleLabels![0]);
            Assert.Equal(p.Scores.OrderByDescending(s => s.Value).Take(p.PossibleLabels.Count).Select(s => s.Key), p.PossibleLabels);
            Assert.Equal(p.PossibleLabels.Count switch { 1 => PredictionOutcome.Answer, 2 => PredictionOutcome.Ask, _ => PredictionOutcome.Escalate },
                p.Outcome);
        });
        Assert.True(predictions.Select(p => p.PossibleLabels!.Count).Distinct().Count() > 1);
        foreach (var i in (int[])[0, 7, 23]) Assert.Equal(predictions[i].PossibleLabels!, classifier.Predict(texts[i]).PossibleLabels!);

        using var folder = new TemporaryFolder();
        classifier.Save(folder["a"]);
        using var again = TextClassifier.Load(folder["a"], tiny.Model);
        Assert.Equal(classifier.Decision, again.Decision);
        Assert.Equal(predictions.Select(p => string.Join(' ', p.PossibleLabels!)), again.Predict(texts).Select(p => string.Join(' ', p.PossibleLabels!)));
        var json = predictions[0].ToJson();
        Assert.Equal(predictions[0].PossibleLabels!, json["possibleLabels"]!.AsArray().Select(l => (string)l!));
        Assert.Equal(predictions[0].Outcome.ToString(), (string)json["outcome"]!, ignoreCase: true);
        Assert.EndsWith(string.Join(" | ", predictions[0].PossibleLabels!), predictions[0].ToString());

        var report = classifier.Evaluate(dev);
        Assert.True(report.Sets!.All.Coverage >= 0.9);
        Assert.Equal(report.Sets.All.Coverage, (double)report.ToJson()["sets"]!["coverage"]!);
        Assert.Contains("sets for 90 %", report.ToString());
    }

    [Fact]
    public void The_temperature_of_the_confidences_changes_no_set()
    {
        var decision = tiny.Classifier.RequireCoverage(0.8, Support("dev"));
        using var one = tiny.Classifier.WithDecision(decision);
        using var other = tiny.Classifier.WithDecision(decision with { Temperature = 7 });
        string[] texts = [.. Support("test").Select(r => r.Text).Take(20)];
        Assert.Equal(one.Predict(texts).Select(p => p.PossibleLabels!.Count), other.Predict(texts).Select(p => p.PossibleLabels!.Count));
        Assert.NotEqual(one.Predict(texts[0]).Confidence, other.Predict(texts[0]).Confidence);
    }

    [Fact]
    public void Training_calibrates_sets_on_dev_rows_or_on_the_scores_of_a_cross_validation()
    {
        using var model = FrozenModel.Load(Fixtures.MicroModel, new() { Device = "cpu" });
        string[] words = ["my", "parcel", "card", "the", "is", "it", "box", "money"];
        Row[] rows = [.. Enumerable.Range(0, 48).Select(i => (IsBox: i % 2 == 0, Start: $"{words[i % 8]} {words[i / 8]}"))
            .Select(r => new Row($"{r.Start} {(r.IsBox ? "parcel" : "card")}", r.IsBox ? "a" : "b"))];
        var options = new TextClassifierOptions { Method = new ProbeOptions(), Coverage = 0.9 };
        using var crossed = TextClassifier.Train(model, rows, options);
        Assert.Equal((0.9, 48), (crossed.Decision.Sets!.Coverage, crossed.Decision.Sets.Rows));
        using var held = TextClassifier.Train(model, rows[12..], options with { Dev = rows[..12] });
        Assert.Equal(12, held.Decision.Sets!.Rows);
        Assert.Equal(held.Decision.Sets, held.RequireCoverage(0.9, rows[..12]).Sets);
        using var linear = TextClassifier.Train(model, rows[12..], options with { Dev = rows[..12], Head = new LinearHeadOptions() });
        Assert.Equal((12, 1), (linear.Decision.Sets!.Rows, linear.Decision.Temperature));
        using var plain = TextClassifier.Train(model, rows[12..], options with { Dev = rows[..12], Coverage = null });
        Assert.DoesNotContain("set", AdapterFile.Of(plain.Definition).Settings?.Keys.Select(k => k[..3]) ?? []);
        Assert.Null(plain.Predict("my parcel").PossibleLabels);
    }

    [Fact]
    public void Too_few_rows_are_refused_before_training_by_the_number_needed()
    {
        var options = TrainedOnTiny.Options() with { Coverage = 0.95 };
        Failed("needs 19 or more dev rows, found 5: add dev rows (TextClassifierOptions.Dev), or ask for a coverage of at most 0.833.",
            () => TextClassifier.Train(tiny.Model, tiny.Rows, options with { Dev = [.. Support("dev").Take(5)] }));
        Failed("needs 199 or more training rows, or dev rows, found 30",
            () => TextClassifier.Train(tiny.Model, [.. tiny.Rows.Take(30)], options with { Coverage = 0.995, Training = new() }));
        Failed("needs 19 or more dev rows, found 0: add dev rows (TextClassifierOptions.Dev).", () => TextClassifier.Train(tiny.Model, tiny.Rows, options));
        Failed("needs 19 or more rows to calibrate on, found 2", () => tiny.Classifier.RequireCoverage(0.95, [.. Support("dev").Take(2)]));
        Failed("TextClassifierOptions.Coverage", () => TextClassifier.Train(tiny.Model, tiny.Rows, options with { Coverage = 1 }));
        Failed("coverage is 0", () => tiny.Classifier.RequireCoverage(0, Support("dev")));
        var sets = tiny.Classifier.RequireCoverage(0.5, Support("dev")).Sets!;
        Failed("MaxChoices", () => tiny.Classifier.WithDecision(new() { Sets = sets with { MaxChoices = 0 } }));

        static void Failed(string named, Action act) => Assert.Contains(named, Assert.ThrowsAny<SkTuningException>(act).Message);
    }

    [Theory]
    [InlineData(1, true, PredictionOutcome.Answer)]
    [InlineData(1, false, PredictionOutcome.Escalate)]
    [InlineData(2, true, PredictionOutcome.Ask)]
    [InlineData(3, false, PredictionOutcome.Ask)]
    [InlineData(4, true, PredictionOutcome.Escalate)]
    [InlineData(null, true, PredictionOutcome.Answer)]
    [InlineData(null, false, PredictionOutcome.Escalate)]
    public void The_outcome_follows_from_the_number_of_labels_and_the_confidence(int? labels, bool isConfident, PredictionOutcome outcome)
    {
        string[] all = ["a", "b", "c", "d"];
        var prediction = new TextClassifierPrediction
        {
            Label = "a", Confidence = 0.5, Scores = new Dictionary<string, double>(), IsConfident = isConfident,
            PossibleLabels = labels is { } count ? all[..count] : null,
        };
        Assert.Equal(outcome, prediction.Outcome);
        Assert.Equal(PredictionOutcome.Escalate, (prediction with { Error = "unreadable" }).Outcome);
    }
}
