using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Models;
using SkTuning.Peft;
using SkTuning.Prompts;
using static TorchSharp.torch;

namespace SkTuning.Tests.Methods;

/// <summary>A text for each label.</summary>
public sealed class LTuningTests(EveryMethodSavedTests.Tiny tiny) : IClassFixture<EveryMethodSavedTests.Tiny>
{
    private static readonly int[][] Rows = [[7, 33, 12, 95, 20, 8], [5, 6], [90, 41, 13]];
    private static readonly int[][] LabelTexts = [[5, 17, 90, 3], [8], [44, 2, 61]];

    [Theory, InlineData("llama"), InlineData("gpt2"), InlineData("bloom"), InlineData("bert")]
    public void Before_the_first_step_a_row_is_read_behind_each_labels_text_whatever_the_other_texts_lengths(string family)
    {
        var folder = Path.Combine(Fixtures.Root, "models", family);
        Fixtures.SkipWithout(folder);
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var transformer = FrozenModel.LoadTransformer(folder, new() { Device = "cpu" }, CPU).Transformer;
        var labels = LabelTexts.Select(t => PromptEncoding.Read(transformer, t, CPU)).ToList();
        var options = new LTuningOptions { Bottleneck = 3 };
        var method = options.CreateMethod(transformer.Config, labels[0], labels);
        var head = options.OwnHead(transformer, labels.Count, Pooling.Mean);
        using var tuned = new TunedModel(transformer, method, head, new ParameterSet(TunedModel.Specs(method, head), 1, CPU));
        using var batch = TokenBatch.Of(Rows, CPU);
        var features = tuned.BakedFeatures(batch);                                                              // [B,C,D]
        foreach (var (c, label) in labels.Index())
        {
            var expected = transformer.Forward(new() { Ids = batch.Ids, Mask = batch.Mask, Injection = Injection.OfPrefix(label.KeyValues) }).Text;
            Fixtures.AssertClose(PoolingExtensions.Pool(Pooling.Mean, expected, batch.Mask), features.select(1, c), $"label {c}", 1e-5);
        }
        labels.ForEach(l => l.Dispose());
    }

    [Fact]
    public void It_is_as_large_for_eight_labels_as_for_two()
    {
        long Count(IReadOnlyList<Row> rows)
        {
            using var classifier = TextClassifier.Train(tiny.Model, rows,
                new() { Method = new LTuningOptions { Bottleneck = 3 }, Dev = rows, Training = new() { Epochs = 1, MaxSteps = 1, HeadFirst = false } });
            return classifier.ParameterCount;
        }
        var two = LabelSet.Of(tiny.Rows).Take(2).ToHashSet();
        Assert.Equal(Count(tiny.Rows), Count([.. tiny.Rows.Where(r => two.Contains(r.Label))]));
    }

    [Fact]
    public void A_label_is_read_by_its_text_and_a_text_that_is_nobodys_or_too_long_is_refused_by_name()
    {
        var labels = LabelSet.Of(tiny.Rows);
        var texts = labels.ToDictionary(l => l, l => $"The customer's message is about {l}.");
        var options = new TextClassifierOptions
        {
            Method = new LTuningOptions { Bottleneck = 3 }, Dev = tiny.Rows,
            Training = new() { Epochs = 1, MaxSteps = 1, HeadFirst = false }
        };
        using (var named = TextClassifier.Train(tiny.Model, tiny.Rows, options))
        using (var told = TextClassifier.Train(tiny.Model, tiny.Rows, options with { Method = new LTuningOptions { Bottleneck = 3, Texts = texts } }))
        {
            Assert.NotEqual(named.Predict("where is my parcel?").Scores.Values, told.Predict("where is my parcel?").Scores.Values);
            Assert.Equal([.. labels], [.. told.Predict("where is my parcel?").Scores.Keys]);
        }
        Refused("'weather'", new() { Texts = new Dictionary<string, string> { ["weather"] = "rain" } });
        Refused("LTuningOptions.MaxTokens is 1", new() { MaxTokens = 1, Texts = texts });
        Refused("a text", new() { Texts = labels.ToDictionary(l => l, l => " ") });

        void Refused(string expected, LTuningOptions method)
            => Assert.Contains(expected,
                Assert.ThrowsAny<SkTuningException>(() => TextClassifier.Train(tiny.Model, tiny.Rows, options with { Method = method })).Message);
    }

    [Theory, InlineData("l-tuning"), InlineData("layer-mix")]
    public void A_method_that_brings_its_head_takes_no_other(string method)
        => Assert.Contains("has its own head", Assert.ThrowsAny<SkTuningException>(() => TextClassifier.Train(tiny.Model, tiny.Rows,
            new() { Method = TuningOptions.Create(method), Head = new HuggingFaceHeadOptions(), Dev = tiny.Rows })).Message);

    [Fact]
    public void It_cannot_be_written_for_PEFT_which_has_one_prefix_for_all_labels()
    {
        using var folder = new TemporaryFolder();
        TokenRow[] rows = [new(["my", "parcel"], ["O", "B-thing"]), new(["a", "refund"], ["O", "B-thing"])];
        using var tagger = TokenClassifier.Train(tiny.Model, rows,
            new() { Method = TuningOptions.Create("l-tuning", [new("bottleneck", "2")]), Dev = rows, Training = new() { Epochs = 1, HeadFirst = false } });
        Assert.Contains("l-tuning cannot be written", Assert.ThrowsAny<SkTuningException>(() => PeftInterop.Export(tagger, folder["p"])).Message);
    }

    [Fact]
    public void It_goes_on_with_a_new_label()
    {
        using var folder = new TemporaryFolder();
        var last = LabelSet.Of(tiny.Rows)[^1];
        var known = tiny.Rows.Where(r => r.Label != last).ToList();
        var training = new TrainingOptions { Epochs = 1, MaxSteps = 2, HeadFirst = false };
        using (var first = TextClassifier.Train(tiny.Model, known, new() { Method = new LTuningOptions { Bottleneck = 3 }, Dev = known, Training = training }))
            first.Save(folder["a"]);
        using var second = TextClassifier.Train(tiny.Model, tiny.Rows, new() { StartFrom = folder["a"], Dev = tiny.Rows, Training = training });
        Assert.Equal(last, second.Labels[^1]);
        second.Save(folder["b"]);
        using var loaded = TextClassifier.Load(folder["b"], tiny.Model);
        Assert.Equal(second.Labels, loaded.Labels);
    }
}
