using System.Text.Json.Nodes;
using SkTuning.Adapters;
using SkTuning.Checkpoints;
using SkTuning.Decisions;

namespace SkTuning.Tests.Classifiers;

/// <summary>Rejection of texts out of scope, from training to an adapter that was loaded.</summary>
public sealed class RejectionTests
{
    private static readonly string[] Words = ["parcel", "card", "bill"], Ends = ["", " please", " here", " late", " not", " it", " a", " was"];

    /// <summary>Three labels with eight rows each, one word for each label.</summary>
    private static readonly Row[] Rows = [.. Words.SelectMany(w => Ends.Select(e => new Row($"my {w}{e}", w)))];

    private static readonly Row[] Outside = [.. Ends.Select(e => new Row($"good bad{e}", "oos"))];

    [Theory]
    [InlineData(RejectionScore.MaximumProbability, 0)]
    [InlineData(RejectionScore.Energy, 0)]
    [InlineData(RejectionScore.Mahalanobis, 2)]
    [InlineData(RejectionScore.NearestNeighbors, 1)]
    public void A_loaded_adapter_rejects_the_same_texts(RejectionScore score, int tensors)
    {
        using var model = FrozenModel.Load(Fixtures.MicroModel, new() { Device = "cpu" });
        using var folder = new TemporaryFolder();
        using var trained = TextClassifier.Train(model, Rows, Options(new() { Score = score, RejectedFraction = 0.2 }));
        trained.Save(folder["a"]);
        Assert.Equal(tensors, TaskTensors(folder["a"]));
        using var loaded = TextClassifier.Load(folder["a"], model);
        Assert.Equal(score, loaded.Decision.Rejection!.Score);
        string[] texts = [.. Rows.Concat(Outside).Select(r => r.Text)];
        var (expected, actual) = (trained.Predict(texts), loaded.Predict(texts));
        Assert.Equal(expected.Select(p => p.OutOfScopeScore), actual.Select(p => p.OutOfScopeScore));
        Assert.Equal(expected.Select(p => p.IsOutOfScope), actual.Select(p => p.IsOutOfScope));
        Assert.All(actual, p => Assert.Equal(p.OutOfScopeScore > loaded.Decision.Rejection!.Threshold, p.IsOutOfScope));
        // Saved again, nothing changes.
        loaded.Save(folder["b"]);
        Assert.Equal(File.ReadAllBytes(Path.Combine(folder["a"], "adapter.safetensors")), File.ReadAllBytes(Path.Combine(folder["b"], "adapter.safetensors")));
    }

    [Fact]
    public void Without_a_rule_nothing_is_stored_and_nothing_is_rejected()
    {
        using var model = FrozenModel.Load(Fixtures.MicroModel, new() { Device = "cpu" });
        using var folder = new TemporaryFolder();
        using var trained = TextClassifier.Train(model, Rows, Options(null));
        trained.Save(folder["a"]);
        Assert.Equal(0, TaskTensors(folder["a"]));
        Assert.Null(JsonNode.Parse(File.ReadAllText(Path.Combine(folder["a"], "adapter.json")))!["rejection"]);
        var prediction = trained.Predict("my parcel");
        Assert.Equal((false, null), (prediction.IsOutOfScope, prediction.OutOfScopeScore));
        Assert.Null(prediction.ToJson()["outOfScope"]);
        Assert.Null(trained.Evaluate(Rows).Rejection);
        Assert.Null(trained.Report!.Rejection);
    }

    [Fact]
    public void A_rule_changes_no_label_and_no_confidence()
    {
        using var model = FrozenModel.Load(Fixtures.MicroModel, new() { Device = "cpu" });
        using var plain = TextClassifier.Train(model, Rows, Options(null));
        using var rejecting = TextClassifier.Train(model, Rows, Options(new() { Score = RejectionScore.NearestNeighbors }));
        foreach (var (a, b) in plain.Predict([.. Rows.Select(r => r.Text)]).Zip(rejecting.Predict([.. Rows.Select(r => r.Text)])))
            Assert.Equal((a.Label, a.Confidence), (b.Label, b.Confidence));
    }

    [Fact]
    public void Rows_out_of_scope_are_not_trained_and_choose_the_rule()
    {
        using var model = FrozenModel.Load(Fixtures.MicroModel, new() { Device = "cpu" });
        using var trained = TextClassifier.Train(model, [.. Outside, .. Rows], Options(new() { OutOfScopeLabel = "oos" }));
        Assert.Equal(Words.Order(), trained.Labels);
        var report = trained.Report!.Rejection!;
        Assert.Equal(4, report.Candidates.Count);
        Assert.Equal(report.Candidates.Values.Max(), report.Candidates[report.Score]);
        // Each of the three parts of the cross-validation measures all rows out of scope.
        Assert.Equal((Rows.Length, 3 * Outside.Length), (report.InScopeRows, report.OutOfScopeRows));
        var evaluated = trained.Evaluate([.. Rows, .. Outside]);
        Assert.Equal((Rows.Length, Rows.Length, Outside.Length), (evaluated.Rows, evaluated.Rejection!.InScopeRows, evaluated.Rejection.OutOfScopeRows));
        Assert.True(evaluated.Rejection.Auroc > 0.9, $"{evaluated.Rejection.Auroc}");
        Assert.Contains("AUROC", evaluated.ToString());
        Assert.Equal(evaluated.Rejection.Auroc, (double?)evaluated.ToJson()["rejection"]!["auroc"]);
    }

    [Fact]
    public void Held_out_rows_are_counted_among_all_given_rows()
    {
        using var model = FrozenModel.Load(Fixtures.MicroModel, new() { Device = "cpu" });
        Row[] given = [.. Outside, .. Rows];
        using var trained = TextClassifier.Train(model, given, Options(new() { OutOfScopeLabel = "oos" }) with { Training = new() { DevFraction = 0.25 } });
        Assert.NotEmpty(trained.Report!.HeldOut);
        Assert.All(trained.Report.HeldOut, i => Assert.NotEqual("oos", given[i].Label));
        Assert.Equal(trained.Report.HeldOut.Count, trained.Report.Rejection!.InScopeRows);
    }

    [Fact]
    public void Without_rows_out_of_scope_labels_that_are_left_out_choose_the_score()
    {
        using var model = FrozenModel.Load(Fixtures.MicroModel, new() { Device = "cpu" });
        string[] words = [.. Words, "box", "refused", "paid", "good", "bad", "where", "the"];
        Row[] rows = [.. words.SelectMany(w => Ends.Take(4).Select(e => new Row($"my {w}{e}", w)))];
        using var trained = TextClassifier.Train(model, rows, Options(new()));
        var report = trained.Report!.Rejection!;
        Assert.Equal(4, report.Candidates.Count);
        Assert.Equal(0, report.OutOfScopeRows);
        Assert.InRange(report.InScopeRejected, 0, 0.05 + 1e-9);
        // So do those of a head without a prior.
        using var plain = TextClassifier.Train(model, rows, Options(new()) with { Head = new SemanticHeadOptions { PriorWeight = 0 } });
        Assert.Equal(4, plain.Report!.Rejection!.Candidates.Count);
        Assert.All(plain.Report.Rejection.Candidates.Values, auroc => Assert.InRange(auroc, 0, 1));
    }

    [Fact]
    public void Few_labels_say_nothing_about_new_ones()
    {
        using var model = FrozenModel.Load(Fixtures.MicroModel, new() { Device = "cpu" });
        using var trained = TextClassifier.Train(model, Rows, Options(new()));
        var report = trained.Report!.Rejection!;
        Assert.Empty(report.Candidates);
        Assert.Equal(RejectionScore.MaximumProbability, report.Score);
        Assert.InRange(report.InScopeRejected, 0, 0.05 + 1e-9);
    }

    [Theory]
    [InlineData("lora")]
    [InlineData("sk-prefix")]
    public void Parts_of_a_cross_validation_measure_adapters_that_were_trained_without_them(string method)
    {
        using var model = FrozenModel.Load(Fixtures.MicroModel, new() { Device = "cpu" });
        var options = Options(new() { Score = RejectionScore.Mahalanobis }) with { Method = TuningOptions.Create(method), Prompt = "is it my box" };
        using var trained = TextClassifier.Train(model, Rows, options);
        Assert.Equal(Rows.Length, trained.Report!.Rejection!.InScopeRows);
        Assert.NotNull(trained.Predict("my parcel").OutOfScopeScore);
    }

    [Fact]
    public void A_rule_can_be_added_to_a_trained_classifier_and_removed()
    {
        using var model = FrozenModel.Load(Fixtures.MicroModel, new() { Device = "cpu" });
        using var trained = TextClassifier.Train(model, Rows, Options(null));
        var decision = trained.FitRejection([.. Rows, .. Outside], new() { OutOfScopeLabel = "oos" });
        using var rejecting = trained.WithDecision(decision);
        Assert.NotNull(decision.Rejection!.Report!.Auroc);
        Assert.NotNull(rejecting.Predict("my parcel").OutOfScopeScore);
        using var plain = rejecting.WithDecision(decision with { Rejection = null });
        Assert.Null(plain.Predict("my parcel").OutOfScopeScore);
        Assert.Throws<SkTuningException>(() => trained.FitRejection([Rows[0]]));
        Assert.Throws<SkTuningException>(() => trained.WithDecision(decision with { Rejection = decision.Rejection with { Threshold = double.NaN } }));
    }

    [Theory]
    [InlineData("linear")]
    [InlineData("label-texts")]
    [InlineData("hf")]
    public void Other_heads_are_compared_by_their_pooled_states(string head)
    {
        using var model = FrozenModel.Load(Fixtures.MicroModel, new() { Device = "cpu" });
        var options = Options(new() { Score = RejectionScore.Mahalanobis }) with { Head = HeadOptions.Create(head), Dev = Rows };
        using var trained = TextClassifier.Train(model, Rows, options);
        Assert.NotNull(trained.Predict("my parcel").OutOfScopeScore);
    }

    [Fact]
    public void A_head_without_features_and_a_training_without_other_rows_are_refused()
    {
        using var model = FrozenModel.Load(Fixtures.MicroModel, new() { Device = "cpu" });
        var likelihood = Options(new() { Score = RejectionScore.Mahalanobis }) with { Head = new LikelihoodHeadOptions(), Template = "{text} it", Dev = Rows };
        Assert.Contains("RejectionOptions.Score is Mahalanobis", Refused(likelihood));
        Assert.Contains("TrainingOptions.Folds", Refused(Options(new()) with { Training = new() { Folds = 0 } }));
        Assert.Contains("RejectionOptions.RejectedFraction is 0.6", Refused(Options(new() { RejectedFraction = 0.6 })));

        string Refused(TextClassifierOptions options) => Assert.Throws<SkTuningException>(() => TextClassifier.Train(model, Rows, options)).Message;
    }

    [Theory]
    [InlineData("\"score\": \"Mahalanobis\"", "\"score\": \"Other\"", "rejection.score")]
    [InlineData("\"temperature\": 1", "\"temperature\": 0", "rejection.temperature")]
    public void A_damaged_rule_is_refused_by_its_key(string text, string damaged, string key)
    {
        var definition = JsonNode.Parse("{ \"rejection\": { \"score\": \"Mahalanobis\", \"threshold\": 2, \"temperature\": 1 } }".Replace(text, damaged))!;
        var e = Assert.Throws<SkTuningFileException>(() => SkTuning.Classifiers.SingleLabel.SingleLabelSettings.Read(definition.AsObject(), "adapter.json"));
        Assert.Equal(("adapter.json", key), (e.File, e.Key));
    }

    private static TextClassifierOptions Options(RejectionOptions? rejection) => new() { Method = new ProbeOptions(), Rejection = rejection };

    private static int TaskTensors(string folder)
    {
        using var file = new SafetensorsCheckpoint(Path.Combine(folder, AdapterFolder.TensorFile));
        return file.Entries.Keys.Count(k => k.StartsWith("task.", StringComparison.Ordinal));
    }

    [Fact]
    public void Another_score_is_chosen_only_if_it_is_clearly_better_than_the_simplest()
    {
        RejectionScore[] scores = [RejectionScore.MaximumProbability, RejectionScore.NearestNeighbors];
        Assert.Equal(scores[1], Choose([0.80, 0.81, 0.79], [0.86, 0.88, 0.85]));
        // Within two standard errors, too little, and worse.
        Assert.Equal(scores[0], Choose([0.80, 0.81, 0.79], [0.99, 0.76, 0.90]));
        Assert.Equal(scores[0], Choose([0.80, 0.81, 0.79], [0.84, 0.85, 0.83]));
        Assert.Equal(scores[0], Choose([0.80, 0.81, 0.79], [0.70, 0.71, 0.69]));
        Assert.Equal(scores[0], Choose([0.80], [0.90]));
        Assert.Equal(scores[1], Choose([0.80], [0.81], areGiven: true));

        RejectionScore Choose(double[] simplest, double[] other, bool areGiven = false)
            => RejectionFit.Choose(scores, new Dictionary<RejectionScore, double[]> { [scores[0]] = simplest, [scores[1]] = other }, areGiven);
    }

    [Fact]
    public void Stored_features_of_another_length_are_refused()
    {
        using var model = FrozenModel.Load(Fixtures.MicroModel, new() { Device = "cpu" });
        using var trained = TextClassifier.Train(model, Rows, Options(new() { Score = RejectionScore.NearestNeighbors }));
        var rule = trained.Decision.Rejection!;
        var damaged = rule.Scorer with { Neighbors = rule.Scorer.Neighbors! with { Rows = new(new float[12], 3) } };
        using var changed = trained.WithDecision(trained.Decision with { Rejection = rule with { Scorer = damaged } });
        Assert.Contains("features of 3 numbers", Assert.ThrowsAny<SkTuningException>(() => changed.Predict(Rows[0].Text)).Message);
    }
}
