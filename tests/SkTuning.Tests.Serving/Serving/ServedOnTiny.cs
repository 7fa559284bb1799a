using SkTuning.Tests.Classifiers;

namespace SkTuning.Tests.Serving;

/// <summary>Adapters of many methods and tasks on the embedded model, in folders, created once for all tests of the engine.</summary>
public sealed class ServedOnTiny : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static IReadOnlyDictionary<string, TuningOptions> Methods { get; } = new SortedDictionary<string, TuningOptions>(StringComparer.Ordinal)
    {
        ["probe"] = new ProbeOptions(),
        ["sk-prefix"] = new SkPrefixOptions { Bottleneck = 4 },
        ["sk-prefix other layers"] = new SkPrefixOptions { Bottleneck = 4, LastLayers = 2 },
        ["prefix short"] = new PrefixTuningOptions { Start = PrefixStart.Random, Tokens = 3 },
        ["sk-prompt"] = new SkPromptOptions { Bottleneck = 4 },
        ["prompt"] = new PromptTuningOptions { Start = PromptStart.Random, Tokens = 5 },
        ["ipt"] = new IptOptions { TableRows = 64 },
        ["ipt+bitfit"] = new CompositeOptions { Parts = [new IptOptions { Form = IptForm.Encoder, Bottleneck = 3 }, new BitFitOptions()] },
        ["lora"] = new LoraOptions { Rank = 2 },
        ["lora wide"] = new LoraOptions { Rank = 3, Targets = ["all"] },
        ["ia3"] = new Ia3Options(),
        ["bitfit"] = new BitFitOptions(),
        ["sk-memory"] = new SkMemoryOptions { Bottleneck = 4 },
        ["sk-prefix+lora"] = new CompositeOptions { Parts = [new SkPrefixOptions { Bottleneck = 3 }, new LoraOptions { Rank = 2 }] },
        ["layer-mix"] = new LayerMixOptions(),
        ["l-tuning"] = new LTuningOptions { Bottleneck = 3 },
        ["top-layers"] = new TopLayersOptions(),
    };

    public ServedOnTiny()
    {
        Rows = Splits.KShot(RowFile.Load(Path.Combine(Fixtures.Repository, "assets", "data", "support", "train.tsv")), 2, 1);
        var training = new TrainingOptions { Epochs = 1, LearningRate = 0.02, HeadFirst = false, Folds = 0 };
        var options = new TextClassifierOptions { Prompt = TrainedOnTiny.Prompt, Training = training };
        foreach (var (name, method) in Methods) Add(name, options with { Method = method });
        Add("pruned", options with { Method = new SkPrefixOptions { Bottleneck = 4 }, Prune = new() { By = PruningScore.Magnitude } });
        using var tags = TokenClassifier.Train(Model, [new(["a", "parcel"], ["O", "B-X"]), new(["the", "card"], ["O", "B-X"])],
            new() { Prompt = "Tag the words:", Method = new LoraOptions { Rank = 2 }, Training = new() { Epochs = 1, Folds = 0 } });
        tags.Save(this["tags"]);
        using var levels = TextRegressor.Train(Model, Rows.Select((r, i) => new Row(r.Text, $"{i % 3}") { Text2 = "a card" }),
            new() { Prompt = "How near are the two?", Method = new SkPrefixOptions { Bottleneck = 4 }, Training = new() { Epochs = 1, Folds = 0 } });
        levels.Save(this["pairs"]);
    }

    public FrozenModel Model { get; } = FrozenModel.Load(Fixtures.Tiny, new() { Device = "cpu", Precision = Precision.Float32 });

    public IReadOnlyList<Row> Rows { get; }

    /// <summary>The folder of an adapter.</summary>
    public string this[string name] => _folder[name];

    public static IEnumerable<string> Names => [.. Methods.Keys, "pruned", "tags"];

    private void Add(string name, TextClassifierOptions options)
    {
        using var classifier = TextClassifier.Train(Model, Rows, options);
        classifier.Save(this[name]);
    }

    public void Dispose()
    {
        Model.Dispose();
        _folder.Dispose();
    }
}
