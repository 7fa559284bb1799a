using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Heads.LabelTexts;
using SkTuning.Peft;
using SkTuning.Tests.Classifiers;
using SkTuning.Training;
using static TorchSharp.torch;

namespace SkTuning.Tests.Heads;

/// <summary>The head label-texts on the embedded model, a causal one, and on an encoder.</summary>
public sealed class LabelTextsHeadTests(TrainedOnTiny tiny) : IClassFixture<TrainedOnTiny>
{
    private static readonly Dictionary<string, IReadOnlyList<string>> Descriptions = new()
    {
        ["delivery"] = ["delivery", "when and where a parcel arrives", "my parcel is late"],
        ["payment"] = ["cards, bills and charges"],
    };

    private static TextClassifierOptions Options(TuningOptions? method = null) => new()
    {
        Prompt = TrainedOnTiny.Prompt,
        LabelDescriptions = Descriptions,
        Method = method ?? new LoraOptions { Rank = 2 },
        Head = new LabelTextsHeadOptions(),
        Training = new() { Epochs = 3, BatchSize = 16, LearningRate = 3e-3, Patience = 0 },
    };

    [Fact]
    public void Training_stores_the_labels_as_the_tuned_model_reads_them_and_loading_gives_the_same_scores()
    {
        using var folder = new TemporaryFolder();
        using var classifier = TextClassifier.Train(tiny.Model, tiny.Rows, Options() with { Dev = tiny.Rows });
        Assert.True(classifier.Report!.Best!.Epoch > 0);
        using (NewDisposeScope())
        {
            var stored = classifier.Adapter.Tuned.Parameters[LabelTextsHead.Anchors].detach().clone();
            var texts = classifier.Definition.LabelDescriptions!.Select(t => Read(classifier, t)).ToList();
            ((LabelTextsHead)classifier.Adapter.Tuned.Head).Fit(texts, classifier.Adapter.Tuned.Parameters);
            Fixtures.AssertSame(stored, classifier.Adapter.Tuned.Parameters[LabelTextsHead.Anchors].detach(), "anchors");
        }
        classifier.Save(folder["a"]);
        using var again = TextClassifier.Load(folder["a"], tiny.Model);
        Assert.Equal(classifier.Predict("where is my parcel?").Scores, again.Predict("where is my parcel?").Scores);
        Assert.Equal(classifier.NewLabelAccuracy, again.NewLabelAccuracy);
        Assert.True(again.NewLabelAccuracy!.Value.Trained > again.NewLabelAccuracy.Value.Untrained, $"{again.NewLabelAccuracy}");
        Assert.Equal(tiny.HashBefore, TrainedOnTiny.Hash(tiny.Model));
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
        using var classifier = TextClassifier.Train(tiny.Model, tiny.Rows, Options(new ProbeOptions()));
        Assert.Equal(0, classifier.ParameterCount);
        Assert.Equal(classifier.NewLabelAccuracy!.Value.Untrained, classifier.NewLabelAccuracy.Value.Trained);
    }

    [Fact]
    public void A_label_is_added_by_its_texts_and_the_scores_of_the_others_stay_the_same()
    {
        using var folder = new TemporaryFolder();
        const string Text = "is it going to rain today?";
        using var before = TextClassifier.Train(tiny.Model, tiny.Rows, Options() with { Prompt = "One of {labels}:", Method = new SkPrefixOptions { Bottleneck = 2 } });
        using (var after = before.WithLabel("weather", "rain and sunshine", Text)) after.Save(folder["a"]);
        using var loaded = TextClassifier.Load(folder["a"], tiny.Model);
        Assert.Equal([.. before.Labels, "weather"], loaded.Labels);
        Assert.Equal(["rain and sunshine", Text], loaded.Definition.LabelDescriptions![^1]);
        Assert.Equal(before.Definition.PromptIds, loaded.Definition.PromptIds);
        Assert.Equal("weather", loaded.Predict(Text).Label);
        var (old, now) = (before.Predict("where is my parcel?").Scores, loaded.Predict("where is my parcel?").Scores);
        foreach (var label in before.Labels)
            Assert.Equal(Math.Log(old[label] / old[before.Labels[0]]), Math.Log(now[label] / now[before.Labels[0]]), 1e-4);

        using var named = loaded.WithLabel("gift_card");
        Assert.Equal(["gift card"], named.Definition.LabelDescriptions![^1]);
    }

    [Fact]
    public void A_label_that_was_in_training_is_added_with_the_state_that_training_stored()
    {
        using var words = new WordBase("bert", "mlm");
        using var classifier = TextClassifier.Train(words.Model, WordBase.Rows, words.Options(new LoraOptions { Rank = 2 }, new LabelTextsHeadOptions()));
        using var again = classifier.WithLabel("other", [.. classifier.Definition.LabelDescriptions![1]]);
        using var scope = NewDisposeScope();
        var anchors = again.Adapter.Tuned.Parameters[LabelTextsHead.Anchors].detach();
        Fixtures.AssertClose(anchors[1], anchors[3], "anchor", 1e-6);
    }

    [Fact]
    public void Training_continues_with_a_label_that_was_added()
    {
        using var folder = new TemporaryFolder();
        using (var first = TextClassifier.Train(tiny.Model, tiny.Rows, Options()))
        using (var added = first.WithLabel("weather", "rain and sunshine")) added.Save(folder["a"]);
        Row[] rows = [.. tiny.Rows, new("is it going to rain today?", "weather"), new("the sun is shining", "weather"), new("mail me a gift", "gift")];
        using var second = TextClassifier.Train(tiny.Model, rows, new()
        {
            Method = new LoraOptions { Rank = 2 }, StartFrom = folder["a"], Dev = rows, Training = new() { Epochs = 1, LearningRate = 1e-3 },
        });
        Assert.Equal(["weather", "gift"], second.Labels.TakeLast(2));
        Assert.Equal("weather", second.Predict("the sun is shining").Label);
    }

    [Fact]
    public void A_label_that_cannot_be_added_is_refused_by_name()
    {
        Refused("label-texts", () => tiny.Classifier.WithLabel("weather", "rain"));
        using var classifier = TextClassifier.Train(tiny.Model, tiny.Rows, Options(new ProbeOptions()));
        Refused("'payment' already", () => classifier.WithLabel("payment", "rain"));
        Refused("empty", () => classifier.WithLabel(" ", "rain"));
        Refused("A text of the label 'weather' is empty", () => classifier.WithLabel("weather", "rain", " "));
        Assert.Null(tiny.Classifier.NewLabelAccuracy);

        static void Refused(string expected, Func<TextClassifier> add) => Assert.Contains(expected, Assert.ThrowsAny<SkTuningException>(add).Message);
    }

    [Fact]
    public void What_it_cannot_do_is_refused_by_name()
    {
        IReadOnlyList<Row> numbers = [.. tiny.Rows.Select((r, i) => new Row(r.Text, FormattableString.Invariant($"{i}")))];
        Assert.Contains("use the head semantic", Assert.ThrowsAny<SkTuningException>(
            () => TextRegressor.Train(tiny.Model, numbers, new() { Method = new LoraOptions(), Head = new LabelTextsHeadOptions() })).Message);
        Assert.Contains("cannot train a pooling", Assert.ThrowsAny<SkTuningException>(
            () => TextClassifier.Train(tiny.Model, tiny.Rows, Options() with { Pooling = Pooling.Attention })).Message);
        Assert.Contains("Temperature", Assert.ThrowsAny<SkTuningException>(
            () => TextClassifier.Train(tiny.Model, tiny.Rows, Options() with { Head = new LabelTextsHeadOptions { Temperature = 0 } })).Message);
    }

    [Theory]
    [InlineData("label-texts")]
    [InlineData("semantic")]
    public void A_merged_adapter_keeps_what_the_head_has_computed(string head)
    {
        using var folder = new TemporaryFolder();
        using var classifier = TextClassifier.Train(tiny.Model, tiny.Rows, Options() with { Head = HeadOptions.Create(head) });
        AdapterMerge.Write(classifier, folder["m"]);
        using var model = FrozenModel.Load(folder["m"], new() { Device = "cpu" });
        using var merged = TextClassifier.Load(Path.Combine(folder["m"], AdapterMerge.HeadFolder), model);
        var (expected, actual) = (classifier.Predict("where is my parcel?").Scores, merged.Predict("where is my parcel?").Scores);
        foreach (var label in classifier.Labels) Assert.Equal(expected[label], actual[label], 1e-4);
    }

    private static Tensor Read(TextClassifier classifier, IEnumerable<string> texts)
        => LabelTextsFit.States(classifier.Adapter.Tuned, [.. texts.Select(t => classifier.Adapter.Encoder.Encode(t))], CPU);
}
