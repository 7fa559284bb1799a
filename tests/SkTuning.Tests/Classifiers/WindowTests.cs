using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Classifiers.SingleLabel;
using SkTuning.Tests.Training;
using TorchSharp;

namespace SkTuning.Tests.Classifiers;

/// <summary>Texts that are read in windows, whose scores are averaged.</summary>
public sealed class WindowTests(SmallTask task) : IClassFixture<SmallTask>
{
    private const string Long = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
        + "eighteen nineteen twenty";
    private const int Most = 12;

    [Theory]
    [InlineData("{text}")]
    [InlineData("words:{text} end.")]
    [InlineData("words: {text} end.")]
    public void Windows_hold_all_of_the_text_and_what_the_template_puts_around_it(string template)
    {
        using var classifier = Train(template: template);
        var (encoder, tokenizer) = (classifier.Adapter.Encoder, task.Model.Tokenizer);
        var around = template.Split("{text}");
        int[] before = tokenizer.EncodeIds(around[0].TrimEnd(), addSpecialTokens: false), after = tokenizer.EncodeIds(around[1], addSpecialTokens: false);
        int[] whole = tokenizer.EncodeIds(around[0] + Long, addSpecialTokens: false)[before.Length..];
        var row = encoder.Encode(Long);
        Assert.False(row.WasTruncated);
        Assert.Equal(row.Windows![0].Ids, row.Ids);
        Assert.Equal(Most * row.Windows.Length, row.Tokens);
        var covered = 0;
        foreach (var window in row.Windows)
        {
            Assert.Equal(Most, window.Ids.Length);
            var size = Most - before.Length - after.Length;
            Assert.True(window.Skipped <= covered, $"a gap before {window.Skipped}");
            int[] expected = [.. before, .. whole[window.Skipped..(window.Skipped + size)], .. after];
            Assert.Contains(string.Join(' ', expected), string.Join(' ', window.Ids));
            if (covered > 0 && window != row.Windows[^1]) Assert.Equal(size / 4, covered - window.Skipped);
            covered = window.Skipped + size;
        }
        Assert.Equal(whole.Length, covered);
        Assert.Null(encoder.Encode("one").Windows);
    }

    [Fact]
    public void What_the_most_windows_do_not_reach_is_lost_and_counted()
    {
        using var classifier = Train(windows: 2);
        var row = classifier.Adapter.Encoder.Encode(Long);
        Assert.Equal((2, true), (row.Windows!.Length, row.WasTruncated));
        Assert.True(classifier.Predict(Long).WasTruncated);
        Assert.Equal(task.Rows.Count(r => classifier.Adapter.Encoder.Encode(r.Text).WasTruncated), classifier.Report!.TruncatedRows);
        Assert.NotEqual(0, classifier.Report.TruncatedRows);
    }

    [Fact]
    public void Scores_are_the_mean_of_the_windows_scores_also_beside_other_rows()
    {
        using var classifier = Train();
        using var scope = torch.NewDisposeScope();
        var (encoder, runtime) = (classifier.Adapter.Encoder, classifier.Adapter);
        EncodedRow[] rows = [encoder.Encode("short"), encoder.Encode(Long), encoder.Encode("two words"), encoder.Encode(Long + " " + Long)];
        var scores = runtime.Scores(rows);
        using var batch = TokenBatch.Of(rows, task.Model.Device);
        foreach (var made in (torch.Tensor[])[scores, runtime.Tuned.Baked(batch), runtime.Tuned.Live(batch)])
            for (var r = 0; r < rows.Length; r++)
            {
                var expected = runtime.Scores([.. rows[r].Sequences]).mean([0L]);
                Assert.True((made[r] - expected).abs().max().item<float>() < 1e-5, $"row {r}");
            }
    }

    /// <summary>
    /// A step sees all windows of its rows: loss and gradient are those of the averaged scores, in one micro-batch or several, with cached states or without.
    /// </summary>
    [Fact]
    public void A_step_follows_the_loss_of_the_averaged_scores()
    {
        using var classifier = Train(method: new SkPrefixOptions { Bottleneck = 4 });
        var (tuned, labels) = (classifier.Adapter.Tuned, classifier.Labels);
        EncodedRow[] rows = [.. task.Rows.Take(4)
            .Select(r => classifier.Adapter.Encoder.Encode($"{r.Text} {r.Text}") with { Classes = [labels.GetIndex(r.Label)] })];
        var objective = new SingleLabelObjective(labels);
        using var scope = torch.NewDisposeScope();
        using var batch = TokenBatch.Of(rows, task.Model.Device);
        var expected = objective.PlainLoss(torch.cat([.. rows.Select(r => classifier.Adapter.Scores([.. r.Sequences]).mean([0L], keepdim: true))], 0),
            objective.Targets(rows, torch.CPU)).item<float>();
        Assert.Equal(expected, tuned.Loss(batch, objective.Targets(rows, torch.CPU), objective).item<float>(), 1e-5);
        Assert.All(rows, r => Assert.NotNull(r.Windows));

        float[] whole = Values(new() { Epochs = 2, BatchSize = 4, StateCacheMemory = 0 });
        Close(whole, Values(new() { Epochs = 2, BatchSize = 4, StateCacheMemory = 0, MicroBatchSize = 1 }));
        Close(whole, Values(new() { Epochs = 2, BatchSize = 4 }));

        float[] Values(TrainingOptions training)
        {
            using var trained = Train(method: new SkPrefixOptions { Bottleneck = 4, FirstLayer = 1 }, training: training);
            return SmallTask.Values(trained);
        }

        static void Close(float[] a, float[] b) => Assert.All(a.Zip(b), p => Assert.Equal(p.First, p.Second, 2e-3));
    }

    /// <summary>A head that is fitted alone is fitted on the features of windows: its dev score is that of the predictions.</summary>
    [Fact]
    public void A_probe_is_fitted_to_the_averaged_scores()
    {
        using var classifier = Train(method: new ProbeOptions());
        var evaluated = classifier.Evaluate(task.Dev);
        Assert.Equal(classifier.Report!.DevScore, evaluated.Accuracy, 1e-9);
        using var scope = torch.NewDisposeScope();
        EncodedRow[] dev = [.. task.Dev.Select(r => classifier.Adapter.Encoder.Encode(r.Text) with { Classes = [classifier.Labels.GetIndex(r.Label)] })];
        var objective = new SingleLabelObjective(classifier.Labels);
        var loss = objective.PlainLoss(classifier.Adapter.Scores(dev), objective.Targets(dev, torch.CPU)).item<float>();
        Assert.Equal(classifier.Report.Best!.DevLoss, loss, 1e-4);
        Assert.Contains(dev, r => r.Windows is not null);
    }

    [Theory]
    [InlineData("lora")]
    [InlineData("l-tuning")]
    [InlineData("authors-llm")]
    public void Other_methods_train_on_windows(string name)
    {
        TuningOptions method = name switch { "lora" => new LoraOptions(), "l-tuning" => new LTuningOptions(), _ => new AuthorsLlmOptions() };
        using var classifier = Train(method: method);
        Assert.True(double.IsFinite(classifier.Report!.Best!.DevLoss));
        Assert.Equal(1, classifier.Predict(Long).Scores.Values.Sum(), 1e-5);
    }

    [Fact]
    public void Numbers_are_averaged_too()
    {
        var rows = task.Rows.Select((r, i) => new Row(r.Text, $"{i % 3}")).ToList();
        using var regressor = TextRegressor.Train(task.Model, rows,
            new() { Method = new ProbeOptions(), Truncation = Truncation.Windows, MaxTokens = Most, Dev = rows, Training = new() { Epochs = 1 } });
        using var scope = torch.NewDisposeScope();
        var row = regressor.Adapter.Encoder.Encode(Long);
        Assert.True(row.Windows!.Length > 1);
        double[] each = [.. row.Windows.Select(w => (double)regressor.Adapter.Scores([w with { Windows = null }])[0, 0].item<float>())];
        Assert.True(each.Max() - each.Min() > 1e-4);
        Assert.Equal(each.Average(), regressor.Adapter.Scores([row])[0, 0].item<float>(), 1e-5);
    }

    [Fact]
    public void An_adapter_remembers_its_windows()
    {
        using var folder = new TemporaryFolder();
        using var classifier = Train(windows: 3);
        classifier.Save(folder["adapter"]);
        using var loaded = TextClassifier.Load(folder["adapter"], task.Model);
        Assert.Equal(3, loaded.Adapter.Encoder.Encode(Long).Windows!.Length);
        Assert.Equal(classifier.Predict(Long).Scores, loaded.Predict(Long).Scores);
        foreach (var wrong in (int?[])[null, 1, 1001])
        {
            var e = Assert.ThrowsAny<SkTuningException>(() => AdapterCheck.Check(classifier.Definition with { MaxWindows = wrong }, "adapter.json",
                task.Model));
            Assert.Contains($"'maxWindows' is {wrong}, expected 2 to 1000", e.Message);
        }
    }

    /// <summary>Windows are processed one after another; the weights are those of the log-probability of all of them.</summary>
    private void AssertOneGraph(TextClassifier classifier, EncodedRow row, IReadOnlyList<WordWeight> words)
    {
        using var scope = torch.NewDisposeScope();
        using var batch = TokenBatch.Of([row], task.Model.Device);
        var embeddings = task.Model.Transformer.Embeddings.Word(batch.Ids).detach().requires_grad_(true);
        classifier.Adapter.Tuned.BakedFrom(batch, embeddings).log_softmax(-1)[0, classifier.Labels.GetIndex(classifier.Predict(Long).Label)].backward();
        using var off = torch.no_grad();
        var weights = (embeddings.grad! * embeddings).sum(-1).flatten().cpu().data<float>().ToArray();
        var spans = row.Windows!.SelectMany(w => classifier.Adapter.Encoder.Offsets(Long, w)).ToList();
        Assert.All(words, w => Assert.Equal(spans.Index().Where(s => s.Item.Start < w.Span.End && s.Item.End > w.Span.Start).Sum(s => (double)weights[s.Index]),
            w.Weight, 1e-5));
    }

    /// <summary>A word that occurs only in a late window changes the scores through that window.</summary>
    [Fact]
    public void Explanations_reach_all_windows()
    {
        using var classifier = Train(method: new SkPrefixOptions { Bottleneck = 4 });
        var words = classifier.Explain(Long, kind: ExplanationKind.GradientTimesInput).Words;
        Assert.Equal(20, words.Count);
        Assert.All(words, w => Assert.NotEqual(0, w.Weight));
        var row = classifier.Adapter.Encoder.Encode(Long);
        AssertOneGraph(classifier, row, words);
        foreach (var window in row.Windows!)
        {
            var spans = classifier.Adapter.Encoder.Offsets(Long, window).Where(s => s.End > s.Start).ToList();
            Assert.NotEmpty(spans);
            Assert.Equal(task.Model.Tokenizer.EncodeIds(Long, addSpecialTokens: false)[window.Skipped],
                window.Ids.First(i => task.Model.Tokenizer.EncodeIds(Long, addSpecialTokens: false).Contains(i)));
            Assert.Equal(task.Model.Tokenizer.Encode(Long, options: new() { AddSpecialTokens = false }).Offsets[window.Skipped].End, spans[0].End);
        }
    }

    [Fact]
    public void What_cannot_be_read_in_windows_is_refused_by_name()
    {
        var pairs = task.Rows.Select(r => new Row(r.Text, r.Label) { Text2 = "x" }).ToList();
        Refused(pairs, Options(), "Truncation is Windows, expected End");
        Refused(task.Rows, Options() with { MaxWindows = 1 }, "MaxWindows is 1, expected 2 to 1000");
        Refused(task.Rows, Options(method: new LoraOptions()) with { Head = new LikelihoodHeadOptions() }, "each of its windows");

        void Refused(IReadOnlyList<Row> rows, TextClassifierOptions options, string words)
            => Assert.Contains(words,
                Assert.ThrowsAny<SkTuningException>(() => { TextClassifier.Train(task.Model, rows, options with { Dev = rows }).Dispose(); }).Message);
    }

    private TextClassifierOptions Options(string template = "{text}", int windows = 16, TuningOptions? method = null, TrainingOptions? training = null)
        => task.Options(training ?? new() { Epochs = 1, BatchSize = 4 }, method ?? new ProbeOptions()) with
        {
            Truncation = Truncation.Windows,
            MaxWindows = windows,
            MaxTokens = Most,
            Template = template
        };

    private TextClassifier Train(string template = "{text}", int windows = 16, TuningOptions? method = null, TrainingOptions? training = null)
        => TextClassifier.Train(task.Model, task.Rows, Options(template, windows, method, training));
}
