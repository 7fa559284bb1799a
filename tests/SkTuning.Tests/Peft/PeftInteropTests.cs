using System.Text.Json.Nodes;
using SkTuning.Peft;
using static TorchSharp.torch;

namespace SkTuning.Tests.Peft;

/// <summary>Imports PEFT folders as classifiers, and exports classifiers as PEFT folders.</summary>
public sealed class PeftInteropTests
{
    private static readonly string[] Labels = ["red", "green", "blue"];

    // The shape of a network that is not on disk, versions, and the order of names.
    private static readonly string[] OfNoEffect = ["peft_version", "encoder_hidden_size", "prefix_projection", "modules_to_save", "target_modules",
        "feedforward_modules"];

    public static IEnumerable<TheoryDataRow<string>> Folders(string task)
        => Fixtures.Folders("peft", "expected.safetensors", PeftConfig.FileName).Where(f => f.EndsWith(task, StringComparison.Ordinal))
            .Select(f => new TheoryDataRow<string>(f));

    [Theory, MemberData(nameof(Folders), "seq_cls")]
    public void An_imported_classifier_says_what_peft_computes(string folder)
    {
        using var scope = NewDisposeScope();
        using var temporary = new TemporaryFolder();
        var (expected, metadata) = Fixtures.Read(Path.Combine(Fixtures.Root, "peft", folder, "expected.safetensors"));
        using var model = Base(metadata["family"], temporary);
        using var classifier = PeftInterop.Import<TextClassifier>(Path.Combine(Fixtures.Root, "peft", folder), model, Labels);
        var probabilities = expected["logits"].softmax(-1);
        var compared = 0;
        for (var r = 0; r < expected["input_ids"].shape[0]; r++)
        {
            var length = (int)expected["attention_mask"][r].sum().item<long>();
            // With embeddings as input, transformers' classifier of a decoder also uses padding.
            if (model.Config.Causal && (folder.Contains("prompt") || folder.Contains("ptuning")) && length < expected["input_ids"].shape[1]) continue;
            var said = classifier.Predict(string.Join(' ', PeftBase.Words(expected["input_ids"][r].data<long>().ToArray().Take(length))));
            for (var c = 0; c < Labels.Length; c++) Assert.Equal(probabilities[r, c].item<float>(), said.Scores[Labels[c]], 1e-4);
            compared++;
        }
        Assert.True(compared > 0);
        Same(classifier, folder, temporary, model, f => PeftInterop.Import<TextClassifier>(f, model));
    }

    [Theory, MemberData(nameof(Folders), "token_cls")]
    public void An_imported_token_classifier_says_what_peft_computes(string folder)
    {
        using var scope = NewDisposeScope();
        using var temporary = new TemporaryFolder();
        var (expected, metadata) = Fixtures.Read(Path.Combine(Fixtures.Root, "peft", folder, "expected.safetensors"));
        using var model = Base(metadata["family"], temporary);
        using var classifier = PeftInterop.Import<TokenClassifier>(Path.Combine(Fixtures.Root, "peft", folder), model, Labels);
        for (var r = 0; r < expected["input_ids"].shape[0]; r++)
        {
            var length = (int)expected["attention_mask"][r].sum().item<long>();
            var said = classifier.PredictWords(PeftBase.Words(expected["input_ids"][r].data<long>().ToArray().Take(length)));
            var probabilities = expected["logits"][r].softmax(-1);
            for (var t = 0; t < length; t++)
            {
                Assert.Equal(probabilities[t].max().item<float>(), said.Confidences[t], 1e-4);
                Assert.Equal(Labels[probabilities[t].argmax().item<long>()], said.Tags[t]);
            }
        }
        Same(classifier, folder, temporary, model, f => PeftInterop.Import<TokenClassifier>(f, model));
    }

    [Theory, InlineData("bert", "sk-prefix"), InlineData("llama", "sk-prefix"), InlineData("llama", "sk-prompt"), InlineData("gpt2", "prefix")]
    [InlineData("llama", "p-tuning"), InlineData("bert", "lora"), InlineData("roberta", "lora"), InlineData("llama", "ia3")]
    public void An_exported_adapter_comes_back_as_the_very_one(string family, string method)
    {
        using var temporary = new TemporaryFolder();
        using var model = Base(family, temporary);
        using var classifier = Trained(model, TuningOptions.Create(method));
        PeftInterop.Export(classifier, temporary["peft"], "org/base");
        PeftInterop.Export(classifier, temporary["peft"], "org/base");                                       // replaces the first
        Assert.Equal("org/base", Config(temporary["peft"])["base_model_name_or_path"]!.ToString());

        using var again = PeftInterop.Import<TextClassifier>(temporary["peft"], model);
        Assert.Equal(classifier.Labels, again.Labels);
        Assert.Equal(method, again.Method);
        Assert.Equal(classifier.Prompt, again.Prompt);
        foreach (var spec in classifier.Adapter.Tuned.Parameters.Specs)
            Fixtures.AssertSame(classifier.Adapter.Tuned.Parameters[spec.Name], again.Adapter.Tuned.Parameters[spec.Name], spec.Name);
        var (said, saidAgain) = (classifier.Predict("w3 w5 w9"), again.Predict("w3 w5 w9"));
        Assert.Equal(said.Scores, saidAgain.Scores);

        // Without SkTuning's part of the file, as PEFT would save it again, PEFT's tensors give the same answers.
        var (tensors, _) = Fixtures.Read(Path.Combine(temporary["peft"], PeftAdapter.TensorFile));
        using (var scope = NewDisposeScope())
            SkTuning.Checkpoints.SafetensorsWriter.Write(Path.Combine(temporary["peft"], PeftAdapter.TensorFile),
                [.. tensors.Where(t => !t.Key.StartsWith("sktuning.")).Select(t => (t.Key, t.Value))]);
        using var plain = PeftInterop.Import<TextClassifier>(temporary["peft"], model, classifier.Labels, new() { Template = "w2 {text}" });
        foreach (var (label, score) in plain.Predict("w3 w5 w9").Scores) Assert.Equal(said.Scores[label], score, 1e-5);
        foreach (var tensor in tensors.Values) tensor.Dispose();
    }

    [Fact]
    public void The_readme_loads_it_as_it_was_trained()
    {
        using var temporary = new TemporaryFolder();
        using var model = Base("llama", temporary);
        using var classifier = Trained(model, TuningOptions.Create("sk-prefix"));
        PeftInterop.Export(classifier, temporary["peft"], "org/base");
        var readme = File.ReadAllText(Path.Combine(temporary["peft"], "README.md"));
        foreach (var part in (string[])["AutoModelForSequenceClassification.from_pretrained(\"org/base\"", "labels = [\"a\", \"b\"]", "\"w2 {text}\"",
            "add_special_tokens=False", "max_length=" + classifier.Definition.MaxTokens])
            Assert.Contains(part, readme);
    }

    [Fact]
    public void What_cannot_be_exported_is_refused_by_name()
    {
        using var temporary = new TemporaryFolder();
        using var model = Base("llama", temporary);
        using (var linear = Trained(model, TuningOptions.Create("lora"), new LinearHeadOptions())) Refused(linear, "the head 'linear'", "'hf'");
        using (var probe = Trained(model, TuningOptions.Create("probe"))) Refused(probe, "probe", "lora");
        using (var both = Trained(model, TuningOptions.Create("sk-prefix+sk-memory"))) Refused(both, "sk-prefix+sk-memory", "lora");

        void Refused(TextClassifier classifier, params string[] parts)
        {
            var message = Assert.ThrowsAny<SkTuningException>(() => PeftInterop.Export(classifier, temporary["peft"])).Message;
            foreach (var part in parts) Assert.Contains(part, message);
            Assert.False(Directory.Exists(temporary["peft"]));
        }
    }

    [Fact]
    public void What_cannot_be_imported_is_refused_by_name()
    {
        using var temporary = new TemporaryFolder();
        using var model = Base("llama", temporary);
        Refused("PEFT does not store the labels", () => PeftInterop.Import<TextClassifier>(Peft("llama-lora-seq_cls"), model));
        Refused("a head of 3 labels", () => PeftInterop.Import<TextClassifier>(Peft("llama-lora-seq_cls"), model, ["a", "b"]));
        Refused("not all different", () => PeftInterop.Import<TextClassifier>(Peft("llama-lora-seq_cls"), model, ["a", "b", "a"]));
        Refused("task_type", () => PeftInterop.Import<TextClassifier>(Peft("llama-lora-token_cls"), model, Labels));
        Refused("task_type", () => PeftInterop.Import<TextClassifier>(Peft("llama-lora-causal_lm"), model, Labels));
        Refused("task_type", () => PeftInterop.Import<TokenClassifier>(Peft("llama-lora-seq_cls"), model, Labels));
        Refused("adapter_config.json", () => PeftInterop.Import<TextClassifier>(temporary["nothing"], model, Labels));

        using var classifier = Trained(model, TuningOptions.Create("prefix", [new("start", "Random"), new("tokens", "3")]));
        PeftInterop.Export(classifier, temporary["peft"]);
        Refused("leave them out", () => PeftInterop.Import<TextClassifier>(temporary["peft"], model, ["b", "a"]));
        using (var other = Base("gpt2", temporary)) Refused("prompt_embeddings", () => PeftInterop.Import<TextClassifier>(temporary["peft"], other));

        var file = Path.Combine(temporary["peft"], PeftAdapter.TensorFile);
        var (tensors, metadata) = Fixtures.Read(file);
        using var scope = NewDisposeScope();
        SkTuning.Checkpoints.SafetensorsWriter.Write(file, [.. tensors.Select(t => (t.Key, t.Key == "prompt_embeddings" ? t.Value * 2 : t.Value))], metadata);
        Refused("changed after the export", () => PeftInterop.Import<TextClassifier>(temporary["peft"], model));
        foreach (var tensor in tensors.Values) tensor.Dispose();

        static void Refused(string part, Func<TunedAdapter> import)
            => Assert.Contains(part, Assert.ThrowsAny<SkTuningException>(() => import().Dispose()).Message);
    }

    [Fact]
    public void A_file_that_pytorch_wrote_is_read_too()
    {
        // The pickle of older versions of PEFT: the same tensors under the same names.
        using var temporary = new TemporaryFolder();
        using var scope = NewDisposeScope();
        using var model = Base("llama", temporary);
        Directory.CreateDirectory(temporary["old"]);
        File.Copy(Path.Combine(Peft("llama-prefix-seq_cls"), PeftConfig.FileName), Path.Combine(temporary["old"], PeftConfig.FileName));
        var tensors = Fixtures.Read(Path.Combine(Peft("llama-prefix-seq_cls"), PeftAdapter.TensorFile)).Tensors;
        File.WriteAllBytes(Path.Combine(temporary["old"], PeftAdapter.OldTensorFile),
            new Checkpoints.Pickle.TorchSaveWriter().Save([.. tensors.Select(t => (t.Key, t.Value))]));
        using var old = PeftInterop.Import<TextClassifier>(temporary["old"], model, Labels);
        using var now = PeftInterop.Import<TextClassifier>(Peft("llama-prefix-seq_cls"), model, Labels);
        Assert.Equal(now.Predict("w3 w4").Scores, old.Predict("w3 w4").Scores);
    }

    /// <summary>A second export has the same bits and the same settings, except those with PEFT's defaults; also after saving as an adapter folder.</summary>
    private static void Same(TunedAdapter adapter, string folder, TemporaryFolder temporary, FrozenModel model, Func<string, TunedAdapter> import)
    {
        using var scope = NewDisposeScope();
        PeftInterop.Export(adapter, temporary["again"]);
        var source = Peft(folder);
        var was = Fixtures.Read(Path.Combine(source, PeftAdapter.TensorFile)).Tensors;
        var (became, metadata) = Fixtures.Read(Path.Combine(temporary["again"], PeftAdapter.TensorFile));
        Assert.Equal("pt", metadata["format"]);
        Assert.Equal(was.Keys.Order(), became.Keys.Order());
        foreach (var (name, value) in was) Fixtures.AssertSame(value, became[name], name);
        var (theirs, ours) = (Config(source), Config(temporary["again"]));
        // The output of P-tuning's network is a soft prompt.
        if (theirs["peft_type"]!.ToString() != "P_TUNING")
        {
            foreach (var (key, value) in ours)
                if (!OfNoEffect.Contains(key))
                    Assert.True(JsonNode.DeepEquals(theirs[key], value), $"{key}: {value?.ToJsonString()}, was {theirs[key]?.ToJsonString()}");
            foreach (var (key, value) in theirs)
                if (!ours.ContainsKey(key) && !OfNoEffect.Contains(key))
                    Assert.Contains(value?.ToJsonString(), (string?[])[null, "false", "true", "{}", "[]", "16", "\"megatron.core\""]);
        }
        using var back = import(temporary["again"]);
        adapter.Save(temporary["own"]);
        Assert.Equal(TunedAdapter.TaskOf(temporary["own"]), back.Task);
        foreach (var spec in adapter.Adapter.Tuned.Parameters.Specs)
            Fixtures.AssertSame(adapter.Adapter.Tuned.Parameters[spec.Name], back.Adapter.Tuned.Parameters[spec.Name], spec.Name);
    }

    private static TextClassifier Trained(FrozenModel model, TuningOptions method, HeadOptions? head = null)
    {
        Row[] rows = [.. Enumerable.Range(0, 12).Select(i => new Row($"w{10 + i % 5} w{20 + i} w{(i % 2 == 0 ? 40 : 50)}", i % 2 == 0 ? "a" : "b"))];
        return TextClassifier.Train(model, rows, new()
        {
            Prompt = "w7 w8 w9",
            Method = method,
            Head = head ?? new HuggingFaceHeadOptions(),
            Template = "w2 {text}",
            Dev = rows,
            Training = new() { Epochs = 2, BatchSize = 4, LearningRate = 1e-2, HeadFirst = false },
        });
    }

    private static FrozenModel Base(string family, TemporaryFolder temporary)
    {
        PeftBase.Write(family, temporary[family]);
        return PeftBase.Load(temporary[family]);
    }

    private static string Peft(string folder) => Path.Combine(Fixtures.Root, "peft", folder);

    private static JsonObject Config(string folder) => JsonNode.Parse(File.ReadAllText(Path.Combine(folder, PeftConfig.FileName)))!.AsObject();
}
