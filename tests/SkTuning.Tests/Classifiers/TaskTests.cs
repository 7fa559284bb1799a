namespace SkTuning.Tests.Classifiers;

/// <summary>The tasks other than one label per row, on the embedded model: they learn, and they predict the same after saving and loading.</summary>
public sealed class TaskTests(TrainedOnTiny tiny) : IClassFixture<TrainedOnTiny>
{
    private static readonly string[] People = ["Anna", "Boris", "Clara", "David", "Emma", "Frank"],
        Places = ["Paris", "Rome", "Berlin", "London", "Madrid", "Vienna"];

    [Fact]
    public void Several_labels_are_told_with_thresholds_of_their_own_and_survive_the_disk()
    {
        IReadOnlyList<Row> rows = [.. tiny.Rows.Select(r => new Row(r.Text, (string[])(r.Text.Contains('?') ? [r.Label, "question"] : [r.Label])))];
        using var classifier = MultiLabelClassifier.Train(tiny.Model, rows, new() { Prompt = TrainedOnTiny.Prompt, Dev = rows, Method = new ProbeOptions() });
        Assert.Contains("question", classifier.Labels);
        Assert.Equal("micro-f1", classifier.Report!.Metric);
        var report = classifier.Evaluate(rows);
        Assert.True(report.Micro.F1 > 0.7, report.ToString());
        Assert.Equal(classifier.Labels.Count, report.PerLabel.Count);

        var prediction = classifier.Predict(rows[0].Text);
        Assert.Equal(classifier.Labels.Where((l, i) => prediction.Scores[l] >= classifier.Decision.Thresholds[i]), prediction.Labels);
        // A probability that equals the threshold is enough.
        using var exact = classifier.WithDecision(new([.. classifier.Labels.Select(l => prediction.Scores[l])]));
        Assert.Equal(classifier.Labels, exact.Predict(rows[0].Text).Labels);
        Assert.Equal(1, exact.Evaluate([new Row(rows[0].Text, [.. classifier.Labels])]).Micro.Recall);
        using var folder = new TemporaryFolder();
        classifier.Save(folder["a"]);
        Assert.Equal("multi-label", TunedAdapter.TaskOf(folder["a"]).Name);
        using (var any = TunedAdapter.Load(folder["a"], tiny.Model)) Assert.IsType<MultiLabelClassifier>(any);
        using var again = MultiLabelClassifier.Load(folder["a"], tiny.Model);
        Assert.Equal(prediction.Scores, again.Predict(rows[0].Text).Scores);
        Assert.Equal(classifier.Decision.Thresholds, again.Decision.Thresholds);
        Assert.Contains("\"single-label\"", Assert.ThrowsAny<SkTuningException>(() => TextClassifier.Load(folder["a"], tiny.Model)).Message);
    }

    [Fact]
    public void A_number_is_told_in_its_own_unit()
    {
        IReadOnlyList<Row> rows = [.. tiny.Rows.Select(r => new Row(r.Text, FormattableString.Invariant($"{1000 + 10 * r.Text.Length}")))];
        using var regressor = TextRegressor.Train(tiny.Model, rows,
            new() { Prompt = "How long is the message?", Dev = rows, Method = new ProbeOptions(), Training = new() { Metric = "pearson" } });
        var report = regressor.Evaluate(rows);
        Assert.True(report.Pearson > 0.7, report.ToString());
        Assert.InRange(regressor.Predict(rows[0].Text).Value, 800, 3000);
        Assert.Equal(report.Pearson, regressor.Report!.DevScore, 1e-6);
        using var folder = new TemporaryFolder();
        regressor.Save(folder["a"]);
        using var again = TextRegressor.Load(folder["a"], tiny.Model);
        Assert.Equal(regressor.Predict(rows[0].Text).Value, again.Predict(rows[0].Text).Value);

        var bad = Assert.ThrowsAny<SkTuningException>(() => TextRegressor.Train(tiny.Model, [.. rows, new("a text", "many")], new() { Prompt = "p" }));
        Assert.Contains("'many'", bad.Message);
    }

    [Fact]
    public void Words_get_tags_and_a_text_gets_spans()
    {
        using var classifier = TokenClassifier.Train(tiny.Model, Sentences(120),
            new() { Prompt = "Find the names of people and places:", Method = new SkPrefixOptions { Bottleneck = 4 }, Training = new() { Epochs = 1 } });
        Assert.Equal("entity-f1", classifier.Report!.Metric);
        var test = Sentences(20);
        Assert.True(classifier.Evaluate(test).Micro.F1 > 0.8, $"{classifier.Evaluate(test).Micro}");
        Assert.True(classifier.Evaluate(test).Accuracy > 0.9);

        const string Text = "Yesterday Emma travelled from Rome to Vienna.";
        var prediction = classifier.Predict(Text);
        Assert.Equal(prediction.Row!.Words.Count, prediction.Tags.Count);
        Assert.All(prediction.Spans(), s => Assert.Contains(Text[s.Start..s.End].Split(' ')[0], Text));
        Assert.Contains(prediction.Spans(), s => Text[s.Start..s.End] == "Emma" && s.Label == "PER");
        using var folder = new TemporaryFolder();
        classifier.Save(folder["a"]);
        using var again = TokenClassifier.Load(folder["a"], tiny.Model);
        Assert.Equal(prediction.Confidences, again.Predict(Text).Confidences);
    }

    [Fact]
    public void Words_that_were_not_read_are_outside_and_said_so()
    {
        using var classifier = TokenClassifier.Train(tiny.Model, Sentences(40), new() { Method = new ProbeOptions(), MaxTokens = 16 });
        var prediction = classifier.PredictWords([.. Enumerable.Repeat("Emma", 60)]);
        Assert.True(prediction.WasTruncated);
        Assert.Equal(60, prediction.Tags.Count);
        Assert.Equal(("O", 0.0), (prediction.Tags[^1], prediction.Confidences[^1]));
    }

    [Fact]
    public void Pairs_are_read_as_pairs_and_never_mixed_with_single_texts()
    {
        IReadOnlyList<Row> rows = [.. tiny.Rows.Zip(tiny.Rows.Skip(1), (a, b) => new Row(a.Text, a.Label == b.Label ? "same" : "other") { Text2 = b.Text })];
        using var classifier = TextClassifier.Train(tiny.Model, rows, new() { Dev = rows, Method = new ProbeOptions() });
        Assert.True(classifier.ReadsPairs);
        Assert.Equal("{text}\n{text2}", classifier.Definition.Template.ToString());
        var pair = classifier.PredictPair(rows[0].Text, rows[0].Text2!);
        var joined = classifier.Adapter.Encoder.Encode(rows[0].Text, rows[0].Text2);
        Assert.Equal(tiny.Model.Tokenizer.EncodeIds(rows[0].Text + "\n" + rows[0].Text2), joined.Ids);
        Assert.NotEqual(pair.Scores, classifier.PredictPair(rows[0].Text2!, rows[0].Text).Scores);
        Assert.Contains("pairs", classifier.Predict([rows[0].Text])[0].Error);
        Assert.Contains("single texts", tiny.Classifier.PredictPairs([("a", "b")])[0].Error);
        Assert.Contains("Row 2", Assert.ThrowsAny<SkTuningException>(() => TextClassifier.Train(tiny.Model, [rows[0], new("x", "same")],
            new() { Dev = rows, Method = new ProbeOptions() })).Message);

        var longPair = classifier.Adapter.Encoder.Encode(string.Join(' ', Enumerable.Repeat("long", 2000)), "the short one");
        Assert.True(longPair.WasTruncated && longPair.Ids.Length <= classifier.Definition.MaxTokens);
        Assert.EndsWith("the short one", tiny.Model.Tokenizer.Decode(longPair.Ids));
    }

    [Fact]
    public void Calibration_changes_confidences_and_no_label_and_abstaining_keeps_its_promise()
    {
        var dev = RowFile.Load(Path.Combine(Fixtures.Repository, "assets", "data", "support", "dev.tsv"));
        using var folder = new TemporaryFolder();
        tiny.Classifier.Save(folder["a"]);
        using var trained = TextClassifier.Load(folder["a"], tiny.Model);
        using var uncalibrated = trained.WithDecision(new());
        string[] texts = [.. dev.Select(r => r.Text)];
        var before = uncalibrated.Predict(texts);
        using var calibrated = uncalibrated.WithDecision(uncalibrated.Calibrate(dev));
        var after = calibrated.Predict(texts);
        Assert.Equal((1, before[0].Confidence), (uncalibrated.Decision.Temperature, uncalibrated.Predict(texts)[0].Confidence));
        Assert.NotEqual(1, calibrated.Decision.Temperature);
        Assert.Equal(before.Select(p => p.Label), after.Select(p => p.Label));
        Assert.NotEqual(before[0].Confidence, after[0].Confidence);

        var wanted = Math.Min(1, calibrated.Evaluate(dev).Accuracy + 0.1);
        using var classifier = calibrated.WithDecision(calibrated.RequireAccuracy(wanted, dev)!);
        var confident = classifier.Predict(texts).Zip(dev).Where(p => p.First.IsConfident).ToList();
        Assert.Equal(classifier.Coverage(dev).ForAccuracy(wanted)!.Coverage, confident.Count / (double)dev.Count, 1e-9);
        Assert.True(confident.Count(p => p.First.Label == p.Second.Label) / (double)confident.Count >= wanted);
        Assert.All(calibrated.Predict(texts), p => Assert.True(p.IsConfident));
        uncalibrated.Dispose();
        calibrated.Dispose();
        classifier.Save(folder["b"]);
        using var again = TextClassifier.Load(folder["b"], tiny.Model);
        Assert.Equal(classifier.Decision, again.Decision);
    }

    [Fact]
    public void Explanations_weigh_every_word_and_agree_with_what_they_claim()
    {
        const string Text = "My parcel never arrived, where is the delivery?";
        var occluded = tiny.Classifier.Explain(Text);
        Assert.Equal(tiny.Classifier.Predict(Text).Label, occluded.Label);
        Assert.All(occluded.Words, w => Assert.Equal(w.Text, Text[w.Span.Start..w.Span.End]));
        var first = occluded.Ranked.First();
        var without = tiny.Classifier.Predict(Text.Remove(first.Span.Start, first.Span.End - first.Span.Start));
        Assert.Equal(Math.Log(occluded.Probability) - Math.Log(without.Scores[occluded.Label]), first.Weight, 1e-6);

        var sloped = tiny.Classifier.Explain(Text, kind: ExplanationKind.GradientTimesInput);
        Assert.Equal(occluded.Words.Select(w => w.Text), sloped.Words.Select(w => w.Text));
        Assert.Contains(sloped.Words, w => w.Weight != 0);
        Assert.Contains("'never-seen'", Assert.ThrowsAny<SkTuningException>(() => tiny.Classifier.Explain(Text, "never-seen")).Message);
    }

    /// <summary>Sentences with a person and two places, all combinations in a fixed order.</summary>
    private static IReadOnlyList<TokenRow> Sentences(int count) => [.. Enumerable.Range(0, count).Select(i => new TokenRow(
        ["Yesterday", People[i % 6], "travelled", "from", Places[i / 6 % 6], "to", Places[(i / 6 + i % 5 + 1) % 6], "."],
            ["O", "B-PER", "O", "O", "B-LOC", "O", "B-LOC", "O"]))];
}
