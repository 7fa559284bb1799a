using SkTuning.Tests.Classifiers;
using SkTuning.Tests.Heads;

namespace SkTuning.Tests.Objectives;

/// <summary>Training with objectives, on a small encoder with random weights.</summary>
public sealed class ObjectiveTrainingTests : IDisposable
{
    private static readonly IReadOnlyList<Row> Rows = WordBase.Rows;
    private readonly WordBase _words = new("bert", "mlm");

    private FrozenModel Model => _words.Model;

    private static TextClassifierOptions Options(ObjectiveOptions objective, HeadOptions? head = null, TuningOptions? method = null) => new()
    {
        Prompt = "w7 w8",
        LabelDescriptions = head is LinearHeadOptions ? null : WordBase.Words.ToDictionary(w => w.Key, w => (IReadOnlyList<string>)[w.Value]),
        Method = method ?? new LoraOptions { Rank = 2 },
        Head = head ?? new SemanticHeadOptions(),
        Objective = objective,
        Dev = Rows,
        Training = new() { Epochs = 2, BatchSize = 4, LearningRate = 1e-2, Patience = 0 },
    };

    public void Dispose() => _words.Dispose();

    [Theory]
    [InlineData("contrastive", null)]
    [InlineData("cosine-pairs", null)]
    [InlineData("label-anchors", null)]
    [InlineData("contrastive", 0.5)]
    [InlineData("label-anchors", 0.5)]
    public void Each_objective_lowers_its_loss(string name, double? weight)
    {
        var (first, last) = (0.0, 0.0);
        var options = Options(ObjectiveOptions.Create(name) with { Weight = weight });
        using var classifier = TextClassifier.Train(Model, Rows, options with { Training = options.Training with { Epochs = 8, BatchSize = 64 } },
            new TrainedOnTiny.Now(p => (first, last) = (p.Step == 1 ? p.Loss : first, p.Loss)));
        Assert.True(last < first, $"{first} -> {last}");
    }

    [Fact]
    public void An_objective_beside_the_cross_entropy_adds_its_loss_times_the_weight()
    {
        double First(ObjectiveOptions objective)
        {
            double? first = null;
            var options = Options(objective);
            using var _ = TextClassifier.Train(Model, Rows, options with { Training = options.Training with { Epochs = 1, BatchSize = 64 } },
                new TrainedOnTiny.Now(p => first ??= p.Loss));
            return first!.Value;
        }

        var (plain, pairs) = (First(new CrossEntropyObjectiveOptions()), First(new CosinePairsObjectiveOptions()));
        Assert.Equal(plain + 3 * pairs, First(new CosinePairsObjectiveOptions { Weight = 3 }), 1e-4);
    }

    [Fact]
    public void A_linear_head_is_trained_beside_an_objective_with_a_weight()
    {
        using var classifier = TextClassifier.Train(Model, Rows,
            Options(new ContrastiveObjectiveOptions { Weight = 0.1 }, new LinearHeadOptions()));
        Assert.True(classifier.Report!.Steps > 0);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("label-texts")]
    public void It_resumes_as_if_it_had_never_stopped_and_refuses_another_objective(string? head)
    {
        using var folder = new TemporaryFolder();
        var options = Options(new LabelAnchorsObjectiveOptions(), head is null ? null : HeadOptions.Create(head));
        using var undisturbed = TextClassifier.Train(Model, Rows, options);
        var recorded = options with { Training = options.Training with { RunFolder = folder["run"] } };
        using var stop = new CancellationTokenSource();
        Assert.ThrowsAny<TrainingCanceledException>(() => TextClassifier.Train(Model, Rows, recorded, new TrainedOnTiny.Now(p =>
        {
            if (p.Step == 2) stop.Cancel();
        }), stop.Token)).Result.Dispose();
        var again = recorded with { Training = recorded.Training with { Resume = true } };
        foreach (var other in (ObjectiveOptions[])[new LabelAnchorsObjectiveOptions { Temperature = 0.2 }, new CrossEntropyObjectiveOptions()])
        {
            Assert.Contains("objective", Assert.ThrowsAny<SkTuningException>(
                () => TextClassifier.Train(Model, Rows, again with { Objective = other })).Message);
        }
        using var resumed = TextClassifier.Train(Model, Rows, again);
        Assert.Equal(undisturbed.Predict("w20 w100").Scores, resumed.Predict("w20 w100").Scores);
        Assert.Equal(undisturbed.NewLabelAccuracy, resumed.NewLabelAccuracy);
    }

    [Fact]
    public void What_the_task_the_method_or_the_head_cannot_use_is_refused_by_name()
    {
        var contrastive = new ContrastiveObjectiveOptions();
        IReadOnlyList<Row> several = [.. Rows.Select(r => new Row(r.Text, (string[])[r.Label]))];
        IReadOnlyList<Row> numbers = [.. Rows.Select((r, i) => new Row(r.Text, FormattableString.Invariant($"{i}")))];
        TokenRow[] words = [.. Enumerable.Range(0, 20).Select(i => new TokenRow(["Anna", $"sleeps {i}"], ["B-PER", "O"]))];
        Refused("multi-label", "cross-entropy",
            () => MultiLabelClassifier.Train(Model, several, new() { Method = new LoraOptions(), Objective = contrastive }));
        Refused("regression", "cross-entropy",
            () => TextRegressor.Train(Model, numbers, new() { Method = new LoraOptions(), Objective = new CosinePairsObjectiveOptions() }));
        Refused("tokens", "cross-entropy",
            () => TokenClassifier.Train(Model, words, new() { Method = new LoraOptions(), Objective = new LabelAnchorsObjectiveOptions() }));

        Refused("probe", "another method", () => Train(Options(contrastive, method: new ProbeOptions())));
        Refused("does not train the head linear", "--objective-weight", () => Train(Options(contrastive, new LinearHeadOptions())));
        Refused("label-anchors needs a head that reads the texts", "semantic",
            () => Train(Options(new LabelAnchorsObjectiveOptions { Weight = 1 }, new LinearHeadOptions())));
        Refused("contrastive does not read the labels' texts", "label-anchors", () => Train(Options(contrastive, new LabelTextsHeadOptions())));
        Refused("already the loss of the head label-texts", "omit the weight",
            () => Train(Options(new LabelAnchorsObjectiveOptions { Weight = 1 }, new LabelTextsHeadOptions())));
        using var causal = new WordBase("llama");
        Refused("head likelihood", "semantic", () => TextClassifier.Train(causal.Model, Rows,
            causal.Options(new LoraOptions { Rank = 2 }, new LikelihoodHeadOptions()) with { Objective = new ContrastiveObjectiveOptions { Weight = 1 } }));
        Refused("method l-tuning, which has its own head", "semantic",
            () => Train(Options(new ContrastiveObjectiveOptions { Weight = 1 }, new LinearHeadOptions(),
                new LTuningOptions { Bottleneck = 2, MaxTokens = 8 })));

        Refused("Weight", "1000", () => Train(Options(new ContrastiveObjectiveOptions { Weight = -1 })));
        Refused("Weight", "null", () => Train(Options(new CrossEntropyObjectiveOptions { Weight = 1 })));
        Refused("Temperature", "0.001", () => Train(Options(new LabelAnchorsObjectiveOptions { Temperature = 0 })));

        void Train(TextClassifierOptions options) => TextClassifier.Train(Model, Rows, options).Dispose();

        static void Refused(string found, string advice, Action train)
        {
            var message = Assert.ThrowsAny<SkTuningException>(train).Message;
            Assert.Contains(found, message);
            Assert.Contains(advice, message);
        }
    }

    [Fact]
    public void Windows_and_parts_of_a_batch_have_the_same_loss_of_label_anchors()
    {
        double First(int? parts)
        {
            double? first = null;
            var options = Options(new LabelAnchorsObjectiveOptions(), new LabelTextsHeadOptions()) with { MaxTokens = 4, Truncation = Truncation.Windows };
            using var _ = TextClassifier.Train(Model, Rows,
                options with { Training = options.Training with { Epochs = 1, BatchSize = 12, MicroBatchSize = parts } },
                new TrainedOnTiny.Now(p => first ??= p.Loss));
            return first!.Value;
        }

        Assert.Equal(First(null), First(3), 1e-5);
    }
}
