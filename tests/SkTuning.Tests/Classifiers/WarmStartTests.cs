using SkTuning.Adapters;
using SkTuning.Checkpoints;
using SkTuning.Training;
using static TorchSharp.torch;

namespace SkTuning.Tests.Classifiers;

/// <summary>Training that starts from an adapter.</summary>
public sealed class WarmStartTests(WarmStartTests.Trained trained) : IClassFixture<WarmStartTests.Trained>
{
    private static readonly TrainingOptions Short = new() { Epochs = 1, HeadFirst = false, Folds = 0 };

    /// <summary>An adapter that knows all labels of the customer messages except the last.</summary>
    public sealed class Trained : IDisposable
    {
        private readonly TemporaryFolder _folder = new();

        public Trained()
        {
            All = Splits.KShot(RowFile.Load(Path.Combine(Fixtures.Repository, "assets", "data", "support", "train.tsv")), 3, 1);
            Last = LabelSet.Of(All)[^1];
            using var classifier = TextClassifier.Train(Model, Known, new()
            {
                Prompt = "Classify the topic, one of {labels}:",
                Method = TuningOptions.Create("sk-prefix", [new("bottleneck", "4")]),
                Head = new LinearHeadOptions(),
                Training = new() { Epochs = 2 },
            });
            classifier.Save(Folder);
        }

        public FrozenModel Model { get; } = FrozenModel.Load(Fixtures.Tiny, new() { Device = "cpu" });
        public IReadOnlyList<Row> All { get; }
        public string Last { get; }
        public IReadOnlyList<Row> Known => [.. All.Where(r => r.Label != Last)];
        public string Folder => _folder["first"];

        public void Dispose()
        {
            Model.Dispose();
            _folder.Dispose();
        }
    }

    [Fact]
    public void Without_a_step_it_is_the_adapter_it_started_from()
    {
        using var scope = NewDisposeScope();
        using var first = TextClassifier.Load(trained.Folder, trained.Model);
        using var stored = StoredAdapter.Open(trained.Folder);
        var definition = WarmStart.Define(stored, trained.Model, TaskKinds.All[0], new TextClassifierOptions(), new TextClassifierOptions(),
            LabelSet.Of(trained.Known), pairs: false);
        using var again = new AdapterModel(trained.Model, definition);
        WarmStart.Fill(stored, again.Tuned.Parameters);
        Assert.Equal([.. first.Labels], definition.Labels);
        Fixtures.AssertSame(first.Adapter.Tuned.Parameters.Values, again.Tuned.Parameters.Values, "values");
    }

    [Fact]
    public void A_new_label_stands_behind_the_known_ones_whose_rows_are_the_same_bit_for_bit_at_the_start()
    {
        using var scope = NewDisposeScope();
        using var stored = StoredAdapter.Open(trained.Folder);
        var definition = WarmStart.Define(stored, trained.Model, TaskKinds.All[0], new TextClassifierOptions(), new TextClassifierOptions(),
            LabelSet.Of(trained.All), pairs: false);
        using var runtime = new AdapterModel(trained.Model, definition);
        WarmStart.Fill(stored, runtime.Tuned.Parameters);
        using var first = new SafetensorsCheckpoint(Path.Combine(trained.Folder, "adapter.safetensors"), copy: true);
        Assert.Equal(trained.Last, definition.Labels[^1]);
        Assert.Equal(AdapterFolder.ReadFile(trained.Folder).PromptIds, definition.PromptIds);
        foreach (var spec in runtime.Tuned.Parameters.Specs)
        {
            var (before, now) = (first.Read(spec.Name), runtime.Tuned.Parameters[spec.Name].detach());
            var isHead = spec.Name.StartsWith("head.", StringComparison.Ordinal);
            Assert.Equal(before.shape[0] + (isHead ? 1 : 0), now.shape[0]);
            Fixtures.AssertSame(before, now.narrow(0, 0, before.shape[0]), spec.Name);
            if (isHead) Assert.True(now[now.shape[0] - 1].abs().max().item<float>() > 0, spec.Name);
        }
    }

    [Fact]
    public void It_learns_a_new_label_and_is_saved_and_loaded_as_any_adapter()
    {
        using var folder = new TemporaryFolder();
        // The new label comes last, although it is the first in alphabetical order.
        var rows = trained.All.Select(r => r.Label == trained.Last ? new Row(r.Text, "a new topic") : r).ToList();
        using (var classifier = TextClassifier.Train(trained.Model, rows,
            new() { StartFrom = trained.Folder, Dev = rows, Training = new() { Epochs = 12, Patience = 0, LearningRate = 1e-2 } }))
        {
            Assert.Equal("a new topic", classifier.Labels[classifier.Labels.Count - 1]);
            Assert.Equal(0, classifier.Report!.Epochs[0].Epoch);
            Assert.Contains(rows, r => r.Label == "a new topic" && classifier.Predict(r.Text).Label == r.Label);
            Assert.True(classifier.Report.DevScore > classifier.Report.Epochs[0].DevScore);
            classifier.Save(folder["a"]);
        }
        using var loaded = TextClassifier.Load(folder["a"], trained.Model);
        Assert.Equal(AdapterFolder.ReadFile(trained.Folder).PromptIds, loaded.Definition.PromptIds);
        Assert.Equal("sk-prefix", loaded.Method);
    }

    [Fact]
    public void Rows_of_one_known_label_are_enough_and_the_labels_that_they_lack_stay()
    {
        var rows = trained.Known.Where(r => r.Label == trained.Known[0].Label).ToList();
        using var classifier = TextClassifier.Train(trained.Model, rows, new() { StartFrom = trained.Folder, Dev = rows, Training = Short });
        Assert.Equal(LabelSet.Of(trained.Known), classifier.Labels);
    }

    [Theory]
    [InlineData("probe"), InlineData("layer-mix"), InlineData("lora"), InlineData("sk-prefix+lora")]
    public void Every_kind_of_method_goes_on_and_its_start_is_a_candidate(string method)
    {
        using var folder = new TemporaryFolder();
        using (var first = TextClassifier.Train(trained.Model, trained.Known,
            new() { Prompt = "Classify the topic:", Method = TuningOptions.Create(method), Training = Short })) first.Save(folder["a"]);
        using var before = TextClassifier.Load(folder["a"], trained.Model);
        var dev = before.Evaluate(trained.Known).Accuracy;
        using var second = TextClassifier.Train(trained.Model, trained.All, new() { StartFrom = folder["a"], Dev = trained.Known, Training = Short });
        Assert.Equal(before.Labels.Count + 1, second.Labels.Count);
        Assert.True(second.Report!.DevScore >= dev, $"{second.Report.DevScore} is below {dev}");
        Assert.Equal(method, second.Method);
    }

    [Fact]
    public void What_belongs_to_the_adapter_cannot_be_said_otherwise()
    {
        Refused("Prompt", new() { Prompt = "Something else:" });
        Refused("Method", new() { Method = TuningOptions.Create("lora") });
        Refused("Template", new() { Template = "Message: {text}" });
        Refused("Pooling", new() { Pooling = Pooling.Last });
        Refused("MaxTokens", new() { MaxTokens = 9 });
        using var same = TextClassifier.Train(trained.Model, trained.Known, new()
        {
            StartFrom = trained.Folder,
            Prompt = "Classify the topic, one of {labels}:",
            Method = TuningOptions.Create("sk-prefix", [new("bottleneck", "4")]),
            Training = Short,
        });
        Assert.Contains("does not exist",
            Assert.ThrowsAny<SkTuningException>(() => TextClassifier.Train(trained.Model, trained.Known, new() { StartFrom = trained.Folder + "x" })).Message);

        void Refused(string name, TextClassifierOptions options)
            => Assert.Contains($"TextClassifierOptions.{name} is", Assert.ThrowsAny<SkTuningException>(() => TextClassifier.Train(trained.Model, trained.Known,
                options with { StartFrom = trained.Folder, Training = Short })).Message);
    }

    [Fact]
    public void A_run_that_was_stopped_goes_on_from_the_same_adapter_only()
    {
        using var folder = new TemporaryFolder();
        var training = Short with { Epochs = 2, RunFolder = folder["run"] };
        float[] whole;
        using (var classifier = TextClassifier.Train(trained.Model, trained.Known, new() { StartFrom = trained.Folder, Training = training }))
            whole = [.. classifier.Adapter.Tuned.Parameters.Values.data<float>()];
        using (var again = TextClassifier.Train(trained.Model, trained.Known, new() { StartFrom = trained.Folder, Training = training with { Resume = true } }))
            Assert.Equal(whole, again.Adapter.Tuned.Parameters.Values.data<float>().ToArray());
        using (var other = TextClassifier.Train(trained.Model, trained.Known, new()
        {
            StartFrom = trained.Folder, Dev = trained.Known,
            Training = Short with { Epochs = 6, LearningRate = 1e-2, Metric = "loss" }
        })) other.Save(folder["other"]);
        Assert.Contains("start.hash", Assert.ThrowsAny<SkTuningException>(() => TextClassifier.Train(trained.Model, trained.Known,
            new() { StartFrom = folder["other"], Training = training with { Resume = true } })).Message);
    }
}
