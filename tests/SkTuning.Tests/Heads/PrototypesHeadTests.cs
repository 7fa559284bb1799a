using SkTuning.Native;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SkTuning.Tests.Heads;

/// <summary>The head prototypes: a label's score is the mean cosine with all of its rows, read by the tuned model.</summary>
public sealed class PrototypesHeadTests
{
    private static TextClassifierOptions Options(WordBase b, HeadOptions head, TuningOptions? method = null)
        => b.Options(method ?? new ProbeOptions(), head) with
        {
            Dev = null,
            Training = new() { Folds = 0, MaxSteps = 4, BatchSize = 6, LearningRate = 1e-2 },
        };

    [Theory, InlineData(false, "lora"), InlineData(true, "lora"), InlineData(true, "prompt"), InlineData(true, "probe")]
    public void Scores_are_the_mean_cosines_with_the_rows_of_each_label(bool atMask, string method)
    {
        using var scope = NewDisposeScope();
        using var b = new WordBase("bert", "mlm");
        using var classifier = TextClassifier.Train(b.Model, WordBase.Rows, Options(b, new PrototypesHeadOptions { AtMask = atMask, Scale = 3 },
            TuningOptions.Create(method)) with
        { Objective = method == "probe" ? new CrossEntropyObjectiveOptions() : new PairCircleObjectiveOptions() });
        using var off = no_grad();
        var adapter = classifier.Adapter;
        var rows = WordBase.Encoded(adapter);
        var injection = adapter.Tuned.Bake();
        var features = stack([.. rows.Select(r => Feature(r.Ids))]);
        var expected = zeros(rows.Count, 3);
        for (var c = 0; c < 3; c++)
        {
            var own = features.index_select(0, tensor(rows.Index().Where(r => r.Item.Classes[0] == c).Select(r => (long)r.Index).ToArray()));
            expected[TensorIndex.Colon, TensorIndex.Single(c)] = F.linear(features, own).mean([1L]) * 3.Kept();
        }
        Fixtures.AssertClose(expected, adapter.Scores(rows), "scores", 1e-4);

        Tensor Feature(int[] ids)
        {
            var states = b.States(ids, injection);
            var at = Array.IndexOf(ids, WordBase.Mask);
            return F.normalize(atMask ? b.Transformer.WordFeatures(states[at]) : states.mean([0]), dim: 0);
        }
    }

    [Fact]
    public void It_is_saved_and_read_again_bit_for_bit()
    {
        using var folder = new TemporaryFolder();
        using var b = new WordBase("bert", "mlm");
        using var classifier = TextClassifier.Train(b.Model, WordBase.Rows, Options(b, new PrototypesHeadOptions { AtMask = true, Scale = 5 }));
        classifier.Save(folder["a"]);
        using var again = TextClassifier.Load(folder["a"], b.Model);
        Assert.Equal(new PrototypesHeadOptions { AtMask = true, Scale = 5 }, again.Definition.Head);
        foreach (var row in WordBase.Rows) Assert.Equal(classifier.Predict(row.Text).Scores, again.Predict(row.Text).Scores);
    }

    [Fact]
    public void Steps_train_the_adapter_alone_and_the_head_follows_it()
    {
        using var b = new WordBase("llama");
        using var classifier = TextClassifier.Train(b.Model, WordBase.Rows,
            Options(b, new PrototypesHeadOptions(), new LoraOptions { Rank = 2 }) with
            {
                Objective = new PairCircleObjectiveOptions(),
                Pooling = Pooling.Last,
            });
        Assert.Equal(4, classifier.Report!.Steps);
        Assert.Equal("lora", classifier.Method);
        using var scope = NewDisposeScope();
        var parameters = classifier.Adapter.Tuned.Parameters;
        Assert.True(parameters[LinearHead.Weight].norm(1).min().item<float>() > 0.1);
        Assert.Equal(0, parameters.HeadCount);
    }

    [Fact]
    public void What_it_cannot_do_is_refused_by_name()
    {
        using WordBase encoder = new("bert", "mlm"), causal = new("llama");
        Refused("has no {mask}", () => Train(encoder, Options(encoder, new PrototypesHeadOptions { AtMask = true }) with { Template = "{text}" }));
        Refused("a causal model", () => Train(causal, Options(causal, new PrototypesHeadOptions { AtMask = true })));
        Refused("cannot train a pooling", () => Train(causal, Options(causal, new PrototypesHeadOptions()) with { Pooling = Pooling.Attention }));
        Refused("zero-shot trains nothing", () => Train(causal, Options(causal, new PrototypesHeadOptions(), new ZeroShotOptions())));
        Refused("one label per text", () => MultiLabelClassifier.Train(causal.Model, [.. WordBase.Rows.Select(r => new Row(r.Text, (string[])[r.Label]))],
            new() { Method = new LoraOptions(), Head = new PrototypesHeadOptions() }));
        Refused("above 0", () => Train(causal, Options(causal, new PrototypesHeadOptions { Scale = 0 })));

        static void Train(WordBase b, TextClassifierOptions options) => TextClassifier.Train(b.Model, WordBase.Rows, options).Dispose();

        static void Refused(string what, Action train) => Assert.Contains(what, Assert.ThrowsAny<SkTuningException>(train).Message);
    }
}
