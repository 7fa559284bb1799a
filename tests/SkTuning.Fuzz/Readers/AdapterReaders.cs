using System.Text.Json.Nodes;
using SkTuning.Fuzz.Running;
using SkTuning.Peft;

namespace SkTuning.Fuzz.Readers;

/// <summary>Adapters of each task and of methods with different tensors.</summary>
internal sealed class AdapterReader : Reader
{
    public override string Name => "adapter";
    public override int Weight => 4;

    public override IEnumerable<Seed> CreateSeeds(string folder)
    {
        var training = new TrainingOptions { Epochs = 1, BatchSize = 4 };
        foreach (var method in (string[])["sk-prefix", "probe", "lora", "p-tuning", "l-tuning", "bitfit+prompt"])
        {
            using var adapter = TextClassifier.Train(Micro.Model, Micro.Rows, new()
            {
                Prompt = Micro.Prompt, Method = TuningOptions.Create(method), Dev = Micro.Rows, Training = training,
                LabelDescriptions = method == "probe" ? new Dictionary<string, IReadOnlyList<string>>
                {
                    ["box"] = ["a parcel"],
                    ["money"] = ["a bill", "a card"],
                } : null,
                Head = method == "lora" ? new SemanticHeadOptions() : null,
            });
            yield return Saved(adapter, Path.Combine(folder, method));
        }
        Row[] several =
            [.. Micro.Rows.Select(r => new Row(r.Text, (IEnumerable<string>)[r.Label, "late"])), new("it is good", (IEnumerable<string>)["box"])];
        using (var adapter = MultiLabelClassifier.Train(Micro.Model, several,
            new() { Prompt = Micro.Prompt, Method = new ProbeOptions(), Dev = several, Training = training }))
            yield return Saved(adapter, Path.Combine(folder, "several"));
        Row[] scored = [.. Micro.Rows.Select((r, i) => new Row(r.Text, i % 2 == 0 ? "1.5" : "0"))];
        using (var adapter = TextRegressor.Train(Micro.Model, scored,
            new() { Prompt = Micro.Prompt, Method = new ProbeOptions(), Dev = scored, Training = training }))
            yield return Saved(adapter, Path.Combine(folder, "number"));
        foreach (var score in Enum.GetValues<RejectionScore>())
        {
            // Everything that a decision can consist of, with the tensors of each score.
            using var adapter = TextClassifier.Train(Micro.Model, Micro.Rows, new()
            {
                Prompt = Micro.Prompt, Method = new ProbeOptions(), Dev = Micro.Rows, Training = training, Coverage = 0.8,
                Rejection = new() { Score = score, Neighbors = 2, OutOfScopeLabel = "other" },
            });
            var decision = adapter.Decision with { ConfidenceThreshold = 0.6, Sets = adapter.Decision.Sets! with { MaxChoices = 4 } };
            using var deciding = adapter.WithDecision(decision);
            yield return Saved(deciding, Path.Combine(folder, $"rejects-{score}"));
        }
        foreach (var (name, levels) in ((string, string[])[])[("number", ["3", "1", "2"]), ("appearance", ["low", "high", "middle"])])
        {
            Row[] rows = [.. Micro.Rows.Select((r, i) => new Row(r.Text, levels[i % 3]))];
            var head = new OrdinalHeadOptions { PriorWeight = 2 };
            using var adapter = OrdinalClassifier.Train(Micro.Model, rows,
                new() { Prompt = Micro.Prompt, Method = new ProbeOptions(), Head = head, Dev = rows, Training = training });
            yield return Saved(adapter, Path.Combine(folder, $"levels-{name}"));
        }
        TokenRow[] tagged = [.. Micro.Rows.Select(r => r.Text.Split(' '))
            .Select(w => new TokenRow(w, [.. w.Select(x => x is "parcel" or "card" ? "B-X" : "O")]))];
        using (var adapter = TokenClassifier.Train(Micro.Model, tagged,
            new() { Prompt = Micro.Prompt, Method = new ProbeOptions(), Dev = tagged, Training = training }))
            yield return Saved(adapter, Path.Combine(folder, "words"));
    }

    public override void Use(string folder, Use use) => Predict(folder, use);

    public static void Predict(string folder, Use use)
    {
        using var adapter = TunedAdapter.Load(folder, Micro.Model);
        use.Loaded();
        foreach (var prediction in adapter.PredictTexts(Micro.Texts)) Running.Use.Prediction(prediction);
    }

    private static Seed Saved(TunedAdapter adapter, string folder)
    {
        adapter.Save(folder);
        return Seed.Of(folder);
    }
}

/// <summary>Adapters of Python's PEFT.</summary>
internal sealed class PeftReader : Reader
{
    private readonly Dictionary<string, FrozenModel> _models = [];

    public override string Name => "peft";

    public override IEnumerable<Seed> CreateSeeds(string folder) => Repository.Folders("peft")
        .Where(f => f.EndsWith("seq_cls", StringComparison.Ordinal) || f.EndsWith("token_cls", StringComparison.Ordinal))
        .Select(f => Seed.Of(f, n => n != "expected.safetensors")).Select(s => s with { Files = Named(s.Files, s.Name) });

    public override void Use(string folder, Use use)
    {
        // Which model and which task it is: a file beside the adapter that is never damaged.
        var name = File.ReadAllText(Path.Combine(folder, "fixture.name"));
        var task = TaskKinds.Get(name.EndsWith("seq_cls", StringComparison.Ordinal) ? "single-label" : "tokens");
        using var adapter = PeftInterop.Import(task, folder, Model(name.Split('-')[0]), ["red", "green", "blue"]);
        use.Loaded();
        foreach (var prediction in adapter.PredictTexts(["w5 w17 w3", "w9", ""])) Running.Use.Prediction(prediction);
    }

    private static Dictionary<string, byte[]> Named(IReadOnlyDictionary<string, byte[]> files, string name)
        => files.Where(f => f.Key != "expected.safetensors").Append(new("fixture.name", System.Text.Encoding.UTF8.GetBytes(name))).ToDictionary();

    /// <summary>The model of a family's fixture, with a tokenizer of ids.</summary>
    private FrozenModel Model(string family)
    {
        if (_models.TryGetValue(family, out var model)) return model;
        var folder = Directory.CreateTempSubdirectory("sktuning-fuzz-base");
        foreach (var file in (string[])["config.json", "model.safetensors"])
            File.Copy(Repository.Fixture("models", family, file), Path.Combine(folder.FullName, file));
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(folder.FullName, "config.json")))!;
        File.WriteAllBytes(Path.Combine(folder.FullName, "tokenizer.json"), ConfigReader.WordTokenizer((int)config["vocab_size"]!));
        _models[family] = model = FrozenModel.Load(folder.FullName, Micro.Options);
        folder.Delete(recursive: true);
        return model;
    }
}
