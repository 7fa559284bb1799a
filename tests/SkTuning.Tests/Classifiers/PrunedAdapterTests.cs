using System.Text.Json.Nodes;
using SkTuning.Adapters;
using SkTuning.Models;
using SkTuning.Peft;
using SkTuning.Tests.Methods;
using SkTuning.Tests.Training;
using TorchSharp;

namespace SkTuning.Tests.Classifiers;

/// <summary>An adapter with a pruned model: trained, saved and loaded, beside others that use the whole model.</summary>
public sealed class PrunedAdapterTests : IDisposable
{
    private const string FileName = "folder/adapter.json";

    private static readonly Row[] Rows =
    [
        new("my parcel", "box"), new("my card", "card"), new("the parcel", "box"), new("the card", "card"), new("is it my parcel", "box"),
        new("is it the card", "card"),
    ];

    private static readonly string[] Texts = ["where is my parcel", "the card", ""];

    private readonly FrozenModel _model = FrozenModel.Load(Fixtures.MicroModel, new() { Device = "cpu" });

    public static IEnumerable<TheoryDataRow<string>> Methods()
        => MethodCases.All.Where(c => c.Value.Families.Contains("llama")).Select(c => new TheoryDataRow<string>(c.Key));

    public static TheoryData<PruningScore> Scores => [.. Enum.GetValues<PruningScore>()];

    [Theory, MemberData(nameof(Methods))]
    public void Every_method_trains_on_half_of_the_units_and_is_loaded_with_them(string name)
    {
        using var folder = new TemporaryFolder();
        var whole = TrainedOnTiny.Hash(_model);
        using var trained = Train(new() { By = PruningScore.Random }, MethodCases.All[name].Options);
        Assert.Equal((PruningScore.Random, true), (trained.Pruning!.By, trained.Pruning.KeptUnits * 2 == trained.Pruning.Units));
        Assert.True(trained.Pruning.Memory > 0);
        trained.Save(folder["a"]);
        using var loaded = TextClassifier.Load(folder["a"], _model);
        Assert.Equal(trained.Pruning, loaded.Pruning);
        Assert.Equal(trained.Definition.Pruning!.Kept, loaded.Definition.Pruning!.Kept);
        foreach (var text in Texts) Assert.Equal(trained.Predict(text).Scores.Values, loaded.Predict(text).Scores.Values);
        Assert.Equal(whole, TrainedOnTiny.Hash(_model));
    }

    [Theory, MemberData(nameof(Scores))]
    public void With_all_units_it_is_the_adapter_without_pruning_bit_for_bit(PruningScore by)
    {
        using var plain = Train(null);
        using var all = Train(new() { Keep = 1, By = by });
        Assert.Equal(SmallTask.Values(plain), SmallTask.Values(all));
        foreach (var text in Texts) Assert.Equal(plain.Predict(text).Scores.Values, all.Predict(text).Scores.Values);
        Assert.Equal((all.Pruning!.Units, 0L), (all.Pruning.KeptUnits, all.Pruning.Memory));
    }

    [Theory, MemberData(nameof(Scores))]
    public void Other_adapters_on_the_model_still_see_the_whole_of_it(PruningScore by)
    {
        using var plain = Train(null);
        var before = Texts.Select(t => plain.Predict(t).Scores.Values.ToArray()).ToList();
        using (var pruned = Train(new() { Keep = 0.25, By = by }))
        {
            Assert.NotEqual(before[0], pruned.Predict(Texts[0]).Scores.Values);
            foreach (var (text, scores) in Texts.Zip(before)) Assert.Equal(scores, plain.Predict(text).Scores.Values);
        }
        foreach (var (text, scores) in Texts.Zip(before)) Assert.Equal(scores, plain.Predict(text).Scores.Values);
        Assert.Null(plain.Pruning);
    }

    [Fact]
    public void The_pruned_model_is_the_whole_one_with_a_mask()
    {
        using var scope = torch.NewDisposeScope();
        using var pruned = Train(new() { Keep = 0.5 }, new LoraOptions { Targets = ["query", "value"] });
        using var off = torch.no_grad();
        using var whole = new AdapterModel(_model, pruned.Definition with { Pruning = null });
        whole.Tuned.Parameters.Restore(pruned.Adapter.Tuned.Parameters.Values);
        var masks = pruned.Definition.Pruning!.Kept.Select(k => torch.zeros(_model.Config.FeedForward.Size)
            .index_fill_(0, torch.tensor([.. k.Select(u => (long)u)]), 1)).ToList();
        foreach (var text in Texts)
        {
            using var batch = SkTuning.Batches.TokenBatch.Of([whole.Encoder.Encode(text)], torch.CPU);
            Fixtures.AssertClose(whole.Tuned.BakedWith(batch, whole.Tuned.Bake().Scaled(masks)), pruned.Adapter.Tuned.Baked(batch), text, 1e-5);
        }
    }

    [Fact]
    public void Layers_keep_the_same_share_or_compete()
    {
        using var each = Train(new() { Keep = 0.3 });
        Assert.Single(each.Definition.Pruning!.Kept.Select(k => k.Length).Distinct());
        using var all = Train(new() { Keep = 0.3, AcrossLayers = true });
        var sizes = all.Definition.Pruning!.Kept.Select(k => k.Length).ToArray();
        Assert.Equal((int)Math.Round(0.3 * sizes.Length * _model.Config.FeedForward.Size), sizes.Sum());
        Assert.True(sizes.Distinct().Count() > 1);
    }

    [Fact]
    public void A_session_changes_nothing()
    {
        using var session = new TrainingSession(_model);
        using var plain = TextClassifier.Train(session, Rows, Options(null));
        using var alone = Train(new());
        using var shared = TextClassifier.Train(session, Rows, Options(new()));
        using var again = TextClassifier.Train(session, Rows, Options(null));
        foreach (var text in Texts)
        {
            Assert.Equal(alone.Predict(text).Scores.Values, shared.Predict(text).Scores.Values);
            Assert.Equal(plain.Predict(text).Scores.Values, again.Predict(text).Scores.Values);
        }
    }

    [Fact]
    public void Training_continues_with_the_same_units()
    {
        using var folder = new TemporaryFolder();
        using var first = Train(new());
        first.Save(folder["a"]);
        var more = Options(null) with { StartFrom = folder["a"] };
        using var second = TextClassifier.Train(_model, Rows, more with { Dev = Rows });
        Assert.Equal(first.Definition.Pruning!.Kept, second.Definition.Pruning!.Kept);
        var refused = Assert.Throws<SkTuningException>(() => TextClassifier.Train(_model, Rows, more with { Prune = new() }));
        Assert.Contains("Prune", refused.Message);
        Assert.Contains("StartFrom", refused.Message);
    }

    [Fact]
    public void What_was_trained_before_an_interruption_uses_the_whole_model()
    {
        using var cancel = new CancellationTokenSource();
        var canceled = Assert.Throws<TrainingCanceledException<TextClassifier>>(() => TextClassifier.Train(_model, Rows, Options(new()),
            new TrainedOnTiny.Now(_ => cancel.Cancel()), cancel.Token));
        using var adapter = canceled.Result;
        Assert.Null(adapter.Pruning);
        Assert.Equal(2, adapter.Predict(Texts[0]).Scores.Count);
    }

    [Fact]
    public void The_slices_are_released_with_the_last_adapter_that_uses_them()
    {
        using var scope = torch.NewDisposeScope();
        using (Train(new())) { }
        var before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
        using (var trained = Train(new()))
        {
            var first = new AdapterModel(_model, trained.Definition);
            using var second = new AdapterModel(first.Model, first.Definition with { Tuning = new ProbeOptions() });
            Assert.Same(first.Model, second.Model);
            first.Dispose();
            using var off = torch.no_grad();
            using var inner = torch.NewDisposeScope();
            Assert.Equal(2, second.Scores([second.Encoder.Encode(Texts[0])]).shape[1]);
        }
        Assert.Equal(before, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void It_is_refused_where_only_the_whole_base_can_be_written()
    {
        using var folder = new TemporaryFolder();
        using var prefix = Train(new(), new PrefixTuningOptions());
        Assert.Contains("PEFT folder", Assert.Throws<SkTuningException>(() => PeftInterop.Export(prefix, folder["peft"])).Message);
        using var lora = Train(new(), new LoraOptions());
        Assert.Contains("merged model", Assert.Throws<SkTuningException>(() => AdapterMerge.Write(lora, folder["merged"])).Message);
    }

    [Theory]
    [InlineData("keep", "0", "pruning.keep")]
    [InlineData("by", "\"size\"", "pruning.by")]
    [InlineData("units", "0", "pruning.units")]
    [InlineData("units", "17", "pruning.kept[0]")]
    [InlineData("kept", "[\"00\", \"00\"]", "pruning.kept[0]")]
    [InlineData("kept", "[\"zz\", \"zz\"]", "pruning.kept[0]")]
    [InlineData("kept", "[null]", "pruning.kept[0]")]
    [InlineData("kept", "[]", "pruning.kept")]
    public void A_damaged_definition_is_refused_by_its_key(string key, string value, string expected)
    {
        using var trained = Train(new() { By = PruningScore.Magnitude });
        var json = JsonNode.Parse(AdapterFile.Of(trained.Definition).ToJson())!;
        json["pruning"]![key] = JsonNode.Parse(value);
        var e = Assert.Throws<SkTuningFileException>(() =>
        {
            var definition = AdapterFile.Parse(json.ToJsonString(), FileName).ToDefinition(trained.Task, FileName);
            AdapterCheck.Check(definition, FileName, _model);
        });
        Assert.Equal((FileName, expected), (e.File, e.Key));
    }

    [Fact]
    public void Options_out_of_range_and_models_without_units_are_refused_before_training()
    {
        foreach (var options in (PruningOptions[])[new() { Keep = 0 }, new() { Keep = 1.1 }, new() { By = (PruningScore)9 }, new() { Rows = 0 }])
            Assert.Contains(nameof(PruningOptions), Assert.Throws<SkTuningException>(() => Train(options)).Message);
    }

    private TextClassifier Train(PruningOptions? prune, TuningOptions? method = null) => TextClassifier.Train(_model, Rows, Options(prune, method));

    private static TextClassifierOptions Options(PruningOptions? prune, TuningOptions? method = null) => new()
    {
        Prompt = "is it my box", Method = method ?? new SkPrefixOptions { Bottleneck = 2 }, Prune = prune, Training = new() { Epochs = 2, Folds = 0 },
    };

    public void Dispose() => _model.Dispose();
}
