using SkTuning.Adapters;
using SkTuning.Tests.Classifiers;

namespace SkTuning.Tests.Heads;

/// <summary>Training with the head semantic, on the embedded model.</summary>
public sealed class SemanticTrainingTests(TrainedOnTiny tiny) : IClassFixture<TrainedOnTiny>
{
    private static readonly Dictionary<string, IReadOnlyList<string>> Descriptions = new()
    {
        ["delivery"] = ["delivery", "when and where a parcel arrives", "my parcel is late"],
        ["payment"] = ["cards, bills and charges"],
    };

    private static TextClassifierOptions Options(TuningOptions method, int epochs = 2) => new()
    {
        Prompt = TrainedOnTiny.Prompt,
        LabelDescriptions = Descriptions,
        Method = method,
        Head = new SemanticHeadOptions(),
        Training = new() { Epochs = epochs, BatchSize = 16, LearningRate = 2e-3, Patience = 0 },
    };

    [Fact]
    public void A_label_without_a_text_is_described_by_its_name_and_all_texts_are_saved()
    {
        using var folder = new TemporaryFolder();
        using var classifier = TextClassifier.Train(tiny.Model, tiny.Rows, Options(new LoraOptions { Rank = 2 }));
        var texts = classifier.Labels.Select(l => Descriptions.GetValueOrDefault(l) ?? [l]);
        Assert.Equal(texts, classifier.Definition.LabelDescriptions!);
        Assert.Equal(TrainedOnTiny.Prompt, classifier.Prompt);
        classifier.Save(folder["a"]);
        using var again = TextClassifier.Load(folder["a"], tiny.Model);
        Assert.Equal(texts, again.Definition.LabelDescriptions!);
        Assert.Equal(classifier.Predict("where is my parcel?").Scores, again.Predict("where is my parcel?").Scores);
    }

    [Fact]
    public void The_descriptions_are_not_part_of_the_prompt()
    {
        using var with = TextClassifier.Train(tiny.Model, tiny.Rows, Options(new SkPrefixOptions { Bottleneck = 2 }, epochs: 1));
        Assert.Equal(tiny.Classifier.Definition.PromptIds, with.Definition.PromptIds);
    }

    [Fact]
    public void The_same_rows_give_the_same_head_whatever_the_seed_and_a_prior_of_zero_ignores_the_descriptions()
    {
        double[] Scores(SemanticHeadOptions head, ulong seed, bool described = true)
        {
            var options = Options(new ProbeOptions()) with { Head = head, Dev = tiny.Rows, LabelDescriptions = described ? Descriptions : null };
            using var classifier = TextClassifier.Train(tiny.Model, tiny.Rows, options with { Training = options.Training with { Seed = seed } });
            return [.. classifier.Predict("my card was charged twice").Scores.Values];
        }

        var first = Scores(new(), 1);
        Assert.Equal(first, Scores(new(), 2));
        Assert.NotEqual(first, Scores(new(), 1, described: false));
        Assert.Equal(Scores(new() { PriorWeight = 0 }, 1), Scores(new() { PriorWeight = 0 }, 1, described: false));
    }

    [Fact]
    public void Several_labels_and_numbers_have_the_head_too()
    {
        IReadOnlyList<Row> several = [.. tiny.Rows.Select(r => new Row(r.Text, (string[])(r.Text.Contains('?') ? [r.Label, "question"] : [r.Label])))];
        using var labels = MultiLabelClassifier.Train(tiny.Model, several,
            new() { Method = new ProbeOptions(), Head = new SemanticHeadOptions { FeatureScale = 5 }, Dev = several });
        Assert.True(labels.Evaluate(several).Micro.F1 > 0.7, labels.Evaluate(several).ToString());

        IReadOnlyList<Row> numbers = [.. tiny.Rows.Select(r => new Row(r.Text, FormattableString.Invariant($"{1000 + 10 * r.Text.Length}")))];
        using var number = TextRegressor.Train(tiny.Model, numbers,
            new() { Method = new ProbeOptions(), Head = new SemanticHeadOptions { FeatureScale = 10 }, Dev = numbers });
        Assert.True(number.Evaluate(numbers).Pearson > 0.7, number.Evaluate(numbers).ToString());
    }

    [Fact]
    public void A_label_can_be_added_with_its_description()
    {
        using var folder = new TemporaryFolder();
        using (var first = TextClassifier.Train(tiny.Model, tiny.Rows, Options(new ProbeOptions()))) first.Save(folder["a"]);
        Row[] rows = [.. tiny.Rows, new("is it going to rain today?", "weather"), new("the sun is shining", "weather"), new("a cold and windy day", "weather")];
        using var second = TextClassifier.Train(tiny.Model, rows, new()
        {
            Method = new ProbeOptions(),
            StartFrom = folder["a"],
            Dev = rows,
            LabelDescriptions = new Dictionary<string, IReadOnlyList<string>> { ["weather"] = ["rain and sunshine"] },
        });
        Assert.Equal(["rain and sunshine"], second.Definition.LabelDescriptions![^1]);
        Assert.Equal("weather", second.Labels[^1]);
    }

    [Fact]
    public void It_resumes_as_if_it_had_never_stopped()
    {
        using var folder = new TemporaryFolder();
        var options = Options(new LoraOptions { Rank = 2 });
        using var undisturbed = TextClassifier.Train(tiny.Model, tiny.Rows, options);
        var recorded = options with { Training = options.Training with { RunFolder = folder["run"] } };
        using var stop = new CancellationTokenSource();
        Assert.ThrowsAny<TrainingCanceledException>(() => TextClassifier.Train(tiny.Model, tiny.Rows, recorded, new TrainedOnTiny.Now(p =>
        {
            if (p.Step == 3) stop.Cancel();
        }), stop.Token)).Result.Dispose();
        using var resumed = TextClassifier.Train(tiny.Model, tiny.Rows, recorded with { Training = recorded.Training with { Resume = true } });
        Assert.Equal(undisturbed.Predict("where is my parcel?").Scores, resumed.Predict("where is my parcel?").Scores);
        Assert.Equal(undisturbed.Report!.DevScore, resumed.Report!.DevScore);
    }

    [Fact]
    public void A_definition_without_the_descriptions_is_refused_by_name()
    {
        using var classifier = TextClassifier.Train(tiny.Model, tiny.Rows, Options(new ProbeOptions()));
        var damaged = classifier.Definition with { LabelDescriptions = null };
        Assert.Equal("labelDescriptions", Assert.Throws<SkTuningFileException>(() => AdapterCheck.Check(damaged, "adapter.json", tiny.Model)).Key);
    }

    [Fact]
    public void What_it_cannot_do_is_refused_by_name()
    {
        TokenRow[] words = [.. Enumerable.Range(0, 20).Select(i => new TokenRow(["Anna", $"sleeps {i}"], ["B-PER", "O"]))];
        Assert.Contains("tagged words", Assert.ThrowsAny<SkTuningException>(
            () => TokenClassifier.Train(tiny.Model, words, new() { Method = new ProbeOptions(), Head = new SemanticHeadOptions() })).Message);
        Assert.Contains("cannot train a pooling", Assert.ThrowsAny<SkTuningException>(
            () => TextClassifier.Train(tiny.Model, tiny.Rows, Options(new ProbeOptions()) with { Pooling = Pooling.Attention })).Message);
        var negative = Options(new ProbeOptions()) with { Head = new SemanticHeadOptions { PriorWeight = -1 } };
        Assert.Contains("PriorWeight", Assert.ThrowsAny<SkTuningException>(() => TextClassifier.Train(tiny.Model, tiny.Rows, negative)).Message);
        var empty = new Dictionary<string, IReadOnlyList<string>> { ["delivery"] = [" "] };
        Assert.Contains("empty description of 'delivery'", Assert.ThrowsAny<SkTuningException>(
            () => TextClassifier.Train(tiny.Model, tiny.Rows, Options(new ProbeOptions()) with { LabelDescriptions = empty })).Message);
    }
}
