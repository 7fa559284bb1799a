using System.Text.Json.Nodes;
using SkTuning.Checkpoints;
using SkTuning.Models;
using SkTuning.Peft;
using static TorchSharp.torch;

namespace SkTuning.Tests.Peft;

/// <summary>A merged folder is a model in Hugging Face's layout, whatever the format of the base, and computes the same as base and adapter.</summary>
public sealed class AdapterMergeTests
{
    [Fact]
    public void A_folder_is_merged_with_its_tokenizer()
    {
        using var folder = new TemporaryFolder();
        Same(Fixtures.Tiny, folder["merged"]);
        Assert.Equal(File.ReadAllText(Path.Combine(Fixtures.Tiny, "tokenizer.json")), File.ReadAllText(Path.Combine(folder["merged"], "tokenizer.json")));
        // fp16 was widened: it must not be read as fp16 again.
        Assert.Contains("float32", File.ReadAllText(Path.Combine(folder["merged"], "config.json")));
    }

    [Fact]
    public void Shards_are_merged()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["base"]);
        foreach (var file in Directory.GetFiles(Fixtures.Tiny).Where(f => !f.EndsWith(".safetensors")))
            File.Copy(file, Path.Combine(folder["base"], Path.GetFileName(file)));
        using (var scope = NewDisposeScope())
        {
            var tensors = Fixtures.Read(Path.Combine(Fixtures.Tiny, "model.safetensors")).Tensors.Select(t => (Name: t.Key, t.Value)).ToList();
            var half = tensors.Count / 2;
            SafetensorsWriter.Write(Path.Combine(folder["base"], "a.safetensors"), tensors[..half]);
            SafetensorsWriter.Write(Path.Combine(folder["base"], "b.safetensors"), tensors[half..]);
            var map = string.Join(",", tensors.Select((t, i) => $"\"{t.Name}\": \"{(i < half ? "a" : "b")}.safetensors\""));
            File.WriteAllText(Path.Combine(folder["base"], "model.safetensors.index.json"), $$"""{"metadata": {}, "weight_map": { {{map}} } }""");
        }
        Same(folder["base"], folder["merged"]);
        Assert.False(File.Exists(Path.Combine(folder["merged"], "model.safetensors.index.json")));
    }

    [Fact]
    public void A_gguf_becomes_a_folder_of_Hugging_Face()
    {
        var path = Path.Combine(Fixtures.Shared, "models", "stories260k", "stories260Ktok512.gguf");
        Fixtures.SkipWithout(path);
        using var folder = new TemporaryFolder();
        Same(path, folder["merged"]);
    }

    [Theory, InlineData("lora"), InlineData("ia3"), InlineData("top-layers"), InlineData("lora+ia3")]
    public void The_classifier_on_the_merged_model_says_the_same(string method)
    {
        using var folder = new TemporaryFolder();
        using var model = FrozenModel.Load(Fixtures.Tiny, new() { Device = "cpu" });
        Row[] rows = [.. Enumerable.Range(0, 24)
            .Select(i => new Row(i % 2 == 0 ? $"I want my money back {i}" : $"the parcel is late {i}", i % 2 == 0 ? "refund" : "delivery"))];
        using var classifier = TextClassifier.Train(model, rows,
            new() { Method = TuningOptions.Create(method), Template = "Message: {text}", Dev = rows, Training = new() { Epochs = 2, LearningRate = 1e-2 } });
        AdapterMerge.Write(classifier, folder["merged"]);

        using var merged = FrozenModel.Load(folder["merged"], new() { Device = "cpu" });
        using var again = TextClassifier.Load(Path.Combine(folder["merged"], AdapterMerge.HeadFolder), merged);
        Assert.Equal("probe", again.Method);
        Assert.Equal(classifier.Labels, again.Labels);
        string[] texts = ["my money", "where is it?", "", "a longer text about a parcel and money, which came late"];
        foreach (var (expected, actual) in classifier.Predict(texts).Zip(again.Predict(texts)))
            foreach (var (label, score) in expected.Scores) Assert.Equal(score, actual.Scores[label], 1e-5);
    }

    [Theory, InlineData("bert", "BertForSequenceClassification", "classifier.weight"), InlineData("llama", "LlamaForSequenceClassification", "score.weight"),
        InlineData("roberta", "RobertaForSequenceClassification", "classifier.out_proj.weight")]
    public void A_head_of_transformers_is_in_the_model_itself(string family, string architecture, string tensor)
    {
        using var folder = new TemporaryFolder();
        PeftBase.Write(family, folder["base"]);
        using var model = PeftBase.Load(folder["base"]);
        Row[] rows = [.. Enumerable.Range(0, 12).Select(i => new Row($"w{10 + i} w{i % 2 + 40}", i % 2 == 0 ? "no" : "yes"))];
        using var classifier = TextClassifier.Train(model, rows,
            new() { Method = TuningOptions.Create("ia3"), Head = new HuggingFaceHeadOptions(), Dev = rows, Training = new() { Epochs = 1 } });
        AdapterMerge.Write(classifier, folder["merged"]);
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(folder["merged"], "config.json")))!;
        Assert.Equal(architecture, config["architectures"]![0]!.ToString());
        Assert.Equal("yes", config["id2label"]!["1"]!.ToString());
        using (var scope = NewDisposeScope())
        {
            var tensors = Fixtures.Read(Path.Combine(folder["merged"], "model.safetensors")).Tensors;
            Fixtures.AssertSame(classifier.Adapter.Tuned.Parameters["head.weight"], tensors[tensor], tensor);
            if (family != "llama") Assert.Contains(tensors.Keys, n => n.StartsWith(family + ".encoder", StringComparison.Ordinal));
        }
        using var merged = PeftBase.Load(folder["merged"]);
        using var again = TextClassifier.Load(Path.Combine(folder["merged"], AdapterMerge.HeadFolder), merged);
        foreach (var (label, score) in classifier.Predict("w3 w41").Scores) Assert.Equal(score, again.Predict("w3 w41").Scores[label], 1e-5);
    }

    [Fact]
    public void A_prefix_is_refused_by_the_methods_name()
    {
        using var folder = new TemporaryFolder();
        using var model = FrozenModel.Load(Fixtures.Tiny, new() { Device = "cpu" });
        Row[] rows = [.. Enumerable.Range(0, 8).Select(i => new Row($"text {i}", i % 2 == 0 ? "a" : "b"))];
        using var classifier = TextClassifier.Train(model, rows,
            new() { Prompt = "A or B?", Method = new SkPrefixOptions(), Dev = rows, Training = new() { Epochs = 1 } });
        var refused = Assert.ThrowsAny<SkTuningException>(() => AdapterMerge.Write(classifier, folder["merged"]));
        Assert.StartsWith("The adapter cannot be merged: sk-prefix inserts keys and values", refused.Message);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Fact]
    public void A_folder_with_files_is_never_written_over()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["mine.txt"], "");
        using var model = FrozenModel.Load(Fixtures.Tiny, new() { Device = "cpu" });
        Assert.Contains("never overwritten",
            Assert.ThrowsAny<SkTuningException>(
                () => AdapterMerge.Write(model, "lora", Injection.None, folder.Path, MergedDtype.Exact, null, default)).Message);
    }

    [Fact]
    public void A_stopped_merge_leaves_nothing()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        using var model = FrozenModel.Load(Fixtures.Tiny, new() { Device = "cpu" });
        using var stop = new CancellationTokenSource();
        var progress = new Stop(stop);
        Assert.Throws<OperationCanceledException>(() => AdapterMerge.Write(model, "ia3", Scaled(model), folder["merged"], MergedDtype.Exact, progress,
            stop.Token));
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    private sealed class Stop(CancellationTokenSource source) : IProgress<MergeProgress>
    {
        public void Report(MergeProgress value) { if (value.Done > value.Total / 2) source.Cancel(); }
    }

    private static Injection Scaled(FrozenModel model)
    {
        var generator = new Generator(4);
        return new()
        {
            Linears = model.Transformer.Linears.Sites
                .Where(s => s.Place.Part is LinearPart.Key or LinearPart.Down)
                .ToDictionary(s => s.Place, s => s.Place.Part == LinearPart.Key
                    ? new LinearOverride { OutputScale = 1 + randn(s.Outputs, generator: generator) * 0.3 }
                    : new() { InputScale = 1 + randn(s.Inputs, generator: generator) * 0.3 }),
        };
    }

    private static void Same(string source, string target)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var model = FrozenModel.Load(source, new() { Device = "cpu" });
        var injection = Scaled(model);
        BaseFingerprint? told = null;
        AdapterMerge.Write(model, "ia3", injection, target, MergedDtype.Exact, null, default, writeMore: (_, fingerprint) => told = fingerprint);
        using var merged = FrozenModel.Load(target, new() { Device = "cpu" });
        Assert.Equal(merged.Fingerprint, told);
        Assert.Equal(model.Tokenizer.Fingerprint, merged.Tokenizer.Fingerprint);
        using var batch = tensor(model.Tokenizer.Encode("Once upon a time there was a merged model.").Ids.Select(i => (long)i).ToArray()).unsqueeze(0);
        Fixtures.AssertClose(model.Transformer.Forward(new() { Ids = batch, Injection = injection }).Text,
            merged.Transformer.Forward(new() { Ids = batch }).Text, target, 1e-5);
    }
}
