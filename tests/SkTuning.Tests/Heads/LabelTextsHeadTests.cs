using SkTuning.Batches;
using SkTuning.Heads.LabelTexts;
using SkTuning.Peft;
using SkTuning.Training;
using static TorchSharp.torch;

namespace SkTuning.Tests.Heads;

/// <summary>The head label-texts on small models with random weights: a causal one, and an encoder.</summary>
public sealed class LabelTextsHeadTests : IDisposable
{
    private const string Text = "w20 w27 w100";

    private static readonly IReadOnlyList<Row> Rows = WordBase.Rows;

    private static readonly Dictionary<string, IReadOnlyList<string>> Descriptions = new()
    {
        ["good"] = ["w30 w31", "w100", "w21 w100"],
        ["bad"] = ["w101 w32"],
        ["so-so"] = ["w102"],
    };

    private readonly WordBase _causal = new("llama");

    private FrozenModel Model => _causal.Model;

    private static TextClassifierOptions Options(TuningOptions? method = null) => new()
    {
        Prompt = "w7 w8",
        LabelDescriptions = Descriptions,
        Method = method ?? new LoraOptions { Rank = 2 },
        Head = new LabelTextsHeadOptions(),
        Dev = Rows,
        Training = new() { Epochs = 6, BatchSize = 4, LearningRate = 1e-2, Patience = 0 },
    };

    public void Dispose() => _causal.Dispose();

    [Fact]
    public void Training_stores_the_labels_as_the_tuned_model_reads_them_and_loading_gives_the_same_scores()
    {
        using var folder = new TemporaryFolder();
        using var classifier = TextClassifier.Train(Model, Rows, Options());
        Assert.True(classifier.Report!.Best!.Epoch > 0);
        using (NewDisposeScope())
        {
            var stored = classifier.Adapter.Tuned.Parameters[LabelTextsHead.Anchors].detach().clone();
            var labels = classifier.Definition.LabelDescriptions!;
            var texts = Read(classifier, labels.SelectMany(t => t)).split([.. labels.Select(t => (long)t.Length)]);
            ((LabelTextsHead)classifier.Adapter.Tuned.Head).Fit(texts, classifier.Adapter.Tuned.Parameters);
            Fixtures.AssertSame(stored, classifier.Adapter.Tuned.Parameters[LabelTextsHead.Anchors].detach(), "anchors");
        }
        classifier.Save(folder["a"]);
        using var again = TextClassifier.Load(folder["a"], Model);
        Assert.Equal(classifier.Predict(Text).Scores, again.Predict(Text).Scores);
        Assert.Equal(classifier.NewLabelAccuracy, again.NewLabelAccuracy);
        Assert.True(again.NewLabelAccuracy!.Value.Trained > again.NewLabelAccuracy.Value.Untrained, $"{again.NewLabelAccuracy}");
    }

    [Fact]
    public void The_scores_are_cosines_to_the_mean_direction_of_the_texts_divided_by_the_temperature_and_baked_equals_live()
    {
        using var words = new WordBase("bert", "mlm");
        var options = words.Options(new SkPrefixOptions { Bottleneck = 2 }, new LabelTextsHeadOptions { Temperature = 0.5 }) with
        {
            LabelDescriptions = new Dictionary<string, IReadOnlyList<string>> { ["good"] = ["w30 w31", "w100"], ["bad"] = ["w101"] },
        };
        using var classifier = TextClassifier.Train(words.Model, WordBase.Rows, options);
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var (tuned, rows) = (classifier.Adapter.Tuned, WordBase.Encoded(classifier.Adapter));
        using var batch = TokenBatch.Of(rows, CPU);
        Fixtures.AssertSame(tuned.Live(batch), tuned.Baked(batch), "scores");
        var anchors = stack([.. classifier.Definition.LabelDescriptions!.Select(t => nn.functional.normalize(
            nn.functional.normalize(Read(classifier, t), dim: 1).mean([0]), dim: 0))]);
        var states = nn.functional.normalize(tuned.BakedFeatures(batch).to_type(ScalarType.Float64), dim: 1);
        Fixtures.AssertClose(states.mm(anchors.t()) * 2, tuned.Baked(batch), "scores", 1e-5);
    }

    [Fact]
    public void A_method_that_trains_nothing_answers_with_the_nearest_label()
    {
        using var classifier = TextClassifier.Train(Model, Rows, Options(new ProbeOptions()));
        Assert.Equal(0, classifier.ParameterCount);
        Assert.Equal(classifier.NewLabelAccuracy!.Value.Untrained, classifier.NewLabelAccuracy.Value.Trained);
    }

    [Fact]
    public void A_label_is_added_by_its_texts_and_the_scores_of_the_others_stay_the_same()
    {
        using var folder = new TemporaryFolder();
        const string Weather = "w60 w61 w62";
        using var before = TextClassifier.Train(Model, Rows, Options() with { Prompt = "w7 {labels}", Method = new SkPrefixOptions { Bottleneck = 2 } });
        using (var after = before.WithLabel("weather", "w70 w71", Weather)) after.Save(folder["a"]);
        using var loaded = TextClassifier.Load(folder["a"], Model);
        Assert.Equal([.. before.Labels, "weather"], loaded.Labels);
        Assert.Equal(["w70 w71", Weather], loaded.Definition.LabelDescriptions![^1]);
        Assert.Equal(before.Definition.PromptIds, loaded.Definition.PromptIds);
        Assert.Equal("weather", loaded.Predict(Weather).Label);
        var (old, now) = (before.Predict(Text).Scores, loaded.Predict(Text).Scores);
        foreach (var label in before.Labels)
            Assert.Equal(Math.Log(old[label] / old[before.Labels[0]]), Math.Log(now[label] / now[before.Labels[0]]), 1e-4);

        using var named = loaded.WithLabel("gift_card");
        Assert.Equal(["gift card"], named.Definition.LabelDescriptions![^1]);
    }

    [Fact]
    public void A_label_that_was_in_training_is_added_with_the_state_that_training_stored()
    {
        using var words = new WordBase("bert", "mlm");
        using var classifier = TextClassifier.Train(words.Model, WordBase.Rows,
            words.Options(new LoraOptions { Rank = 2 }, new LabelTextsHeadOptions()) with { LabelDescriptions = Descriptions });
        using var again = classifier.WithLabel("other", [.. classifier.Definition.LabelDescriptions![1]]);
        using var scope = NewDisposeScope();
        var anchors = again.Adapter.Tuned.Parameters[LabelTextsHead.Anchors].detach();
        Fixtures.AssertClose(anchors[1], anchors[3], "anchor", 1e-6);
    }

    [Fact]
    public void Training_continues_with_a_label_that_was_added()
    {
        using var folder = new TemporaryFolder();
        using (var first = TextClassifier.Train(Model, Rows, Options()))
        using (var added = first.WithLabel("weather", "w60 w61")) added.Save(folder["a"]);
        Row[] rows = [.. Rows, new("w60 w61", "weather"), new("w61 w62", "weather"), new("w80 w81", "gift")];
        using var second = TextClassifier.Train(Model, rows, new()
        {
            Method = new LoraOptions { Rank = 2 }, StartFrom = folder["a"], Dev = rows, Training = new() { Epochs = 1, LearningRate = 1e-3 },
        });
        Assert.Equal(["weather", "gift"], second.Labels.TakeLast(2));
        Assert.True(second.Report!.Steps > 0);
    }

    [Fact]
    public void A_label_that_cannot_be_added_is_refused_by_name()
    {
        using var linear = TextClassifier.Train(Model, Rows, new() { Method = new ProbeOptions(), Head = new LinearHeadOptions(), Dev = Rows });
        Refused("found the head linear: train with LabelTextsHeadOptions", () => linear.WithLabel("weather", "w60"));
        Assert.Null(linear.NewLabelAccuracy);
        using var classifier = TextClassifier.Train(Model, Rows, Options(new ProbeOptions()));
        Refused("'bad' already", () => classifier.WithLabel("bad", "w60"));
        Refused("empty", () => classifier.WithLabel(" ", "w60"));
        Refused("A text of the label 'weather' is empty", () => classifier.WithLabel("weather", "w60", " "));

        static void Refused(string expected, Func<TextClassifier> add) => Assert.Contains(expected, Assert.ThrowsAny<SkTuningException>(add).Message);
    }

    [Fact]
    public void What_it_cannot_do_is_refused_by_name()
    {
        IReadOnlyList<Row> numbers = [.. Rows.Select((r, i) => new Row(r.Text, FormattableString.Invariant($"{i}")))];
        Assert.Contains("use the head semantic", Assert.ThrowsAny<SkTuningException>(
            () => TextRegressor.Train(Model, numbers, new() { Method = new LoraOptions(), Head = new LabelTextsHeadOptions() })).Message);
        Assert.Contains("cannot train a pooling", Assert.ThrowsAny<SkTuningException>(
            () => TextClassifier.Train(Model, Rows, Options() with { Pooling = Pooling.Attention })).Message);
        Assert.Contains("Temperature", Assert.ThrowsAny<SkTuningException>(
            () => TextClassifier.Train(Model, Rows, Options() with { Head = new LabelTextsHeadOptions { Temperature = 0 } })).Message);
    }

    [Theory]
    [InlineData("label-texts")]
    [InlineData("semantic")]
    public void A_merged_adapter_keeps_what_the_head_has_computed(string head)
    {
        using var folder = new TemporaryFolder();
        using var classifier = TextClassifier.Train(Model, Rows, Options() with { Head = HeadOptions.Create(head) });
        AdapterMerge.Write(classifier, folder["m"]);
        using var model = FrozenModel.Load(folder["m"], new() { Device = "cpu" });
        using var merged = TextClassifier.Load(Path.Combine(folder["m"], AdapterMerge.HeadFolder), model);
        var (expected, actual) = (classifier.Predict(Text).Scores, merged.Predict(Text).Scores);
        foreach (var label in classifier.Labels) Assert.Equal(expected[label], actual[label], 1e-4);
    }

    private static Tensor Read(TextClassifier classifier, IEnumerable<string> texts)
        => LabelTextsFit.States(classifier.Adapter.Tuned, [.. texts.Select(t => classifier.Adapter.Encoder.Encode(t))], CPU);
}
