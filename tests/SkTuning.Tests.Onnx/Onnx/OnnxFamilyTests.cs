using System.Text.Json.Nodes;
using SkTuning.Batches;
using SkTuning.Checkpoints;
using SkTuning.Models;
using SkTuning.Onnx;
using SkTuning.Onnx.Layers;
using static TorchSharp.torch;

namespace SkTuning.Tests.Onnx;

/// <summary>The states of a graph in ONNX Runtime equal those of the library, for every family and every slot of an injection.</summary>
public sealed class OnnxFamilyTests
{
    private static readonly int[][] Rows = [[7, 33, 12, 95, 20, 8, 9, 11, 60, 61, 62], [5, 6], [90, 41, 13]];

    public static IEnumerable<TheoryDataRow<string, string>> Cases()
        => from family in Fixtures.Folders("models", "model.safetensors")
           from slot in (string[])["nothing", "prefix", "prompt", "linears", "parameters", "memory"]
           select new TheoryDataRow<string, string>(family, slot);

    [Theory, MemberData(nameof(Cases))]
    public void States_are_those_of_the_library(string family, string slot) => Same(Path.Combine(Fixtures.Root, "models", family), slot);

    [Theory]
    [InlineData("nothing")]
    [InlineData("prompt")]
    public void Granite_multiplies_the_words_and_the_prompt(string slot)
    {
        using var folder = new TemporaryFolder();
        var llama = Path.Combine(Fixtures.Root, "models", "llama");
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(llama, "config.json")))!.AsObject();
        (config["model_type"], config["embedding_multiplier"], config["residual_multiplier"]) = ("granite", 3.0, 0.3);
        (config["attention_multiplier"], config["logits_scaling"]) = (0.8, 4.0);
        File.WriteAllText(folder["config.json"], config.ToJsonString());
        File.Copy(Path.Combine(llama, "model.safetensors"), folder["model.safetensors"]);
        Same(folder.Path, slot);
    }

    [Theory]
    [InlineData("nothing")]
    [InlineData("prompt")]
    [InlineData("parameters")]
    public void MPNet_adds_a_bias_for_each_distance(string slot)
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        var random = new Generator(3);
        List<(string, Tensor)> tensors = [("embeddings.word_embeddings.weight", Random(97, 16)), ("embeddings.position_embeddings.weight", Random(160, 16)),
            ("encoder.relative_attention_bias.weight", Random(32, 4)), .. Norm("embeddings.LayerNorm")];
        foreach (var layer in (string[])["encoder.layer.0.", "encoder.layer.1."])
        {
            foreach (var part in (string[])["attention.attn.q", "attention.attn.k", "attention.attn.v", "attention.attn.o"]) Linear(layer + part, 16, 16);
            Linear(layer + "intermediate.dense", 16, 24);
            Linear(layer + "output.dense", 24, 16);
            tensors.AddRange([.. Norm(layer + "attention.LayerNorm"), .. Norm(layer + "output.LayerNorm")]);
        }
        SafetensorsWriter.Write(folder["model.safetensors"], tensors);
        File.WriteAllText(folder["config.json"],
            """{"model_type":"mpnet","vocab_size":97,"hidden_size":16,"num_hidden_layers":2,"num_attention_heads":4,"intermediate_size":24,""" +
            """ "max_position_embeddings":160,"pad_token_id":0,"relative_attention_num_buckets":32}""");
        Same(folder.Path, slot);

        Tensor Random(params long[] shape) => randn(shape, generator: random) * 0.3;

        void Linear(string name, long inputs, long outputs)
            => tensors.AddRange([(name + ".weight", Random(outputs, inputs)), (name + ".bias", Random(outputs))]);

        (string, Tensor)[] Norm(string name) => [(name + ".weight", Random(16) + 1), (name + ".bias", Random(16))];
    }

    private static void Same(string folder, string slot)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var loaded = FrozenModel.LoadTransformer(folder, new(), CPU);
        using var transformer = loaded.Transformer;
        var config = transformer.Config;
        Assert.SkipWhen(slot == "prefix" && !config.TakesPrefix, $"{Path.GetFileName(folder)} takes no prefix");
        var injection = Made(slot, transformer);
        using var batch = TokenBatch.Of([.. Rows.Select(r => r.Select(t => t % config.Vocabulary).ToArray())], CPU);
        var expected = transformer.Forward(new() { Ids = batch.Ids, Mask = batch.Mask, Injection = injection }).Text;

        var model = new ModelGraph(transformer, injection, OnnxPrecision.Float32);
        model.Graph.Output("states", model.States(), "batch", "length", "hidden");
        using var run = new OnnxRun(model.Graph.Build());
        var states = run.Run(batch)["states"];
        foreach (var (r, row) in Rows.Index())
            Fixtures.AssertClose(expected[r].narrow(0, 0, row.Length), states[r].narrow(0, 0, row.Length), $"states of row {r}");
    }

    private static Injection Made(string slot, Transformer model)
    {
        var (config, random) = (model.Config, new Generator(5));
        var (a, size) = (config.Attention, config.Embedding.Size > 0 ? config.Embedding.Size : config.Hidden);
        return slot switch
        {
            "prefix" => Injection.OfPrefix([.. Enumerable.Range(0, config.Layers).Select(l => l == 1 ? null : new LayerPrefix(
                Random(1, a.KeyValueHeads, 4, a.HeadSize), Random(1, a.KeyValueHeads, 4, a.HeadSize)))]),
            "prompt" => new() { InputPrompt = Random(1, 3, size) },
            "memory" => new() { Memory = [.. Enumerable.Range(0, config.Layers).Select(l => l == 0 ? null : Random(1, a.Heads, a.HeadSize, a.HeadSize))] },
            "linears" => new()
            {
                Linears = model.Linears.Sites.ToDictionary(s => s.Place, s => new LinearOverride
                {
                    InputScale = Random(s.Inputs) + 1,
                    OutputScale = Random(s.Outputs) + 1,
                    Bias = Random(s.Outputs),
                    Down = Random(2, s.Inputs),
                    Up = Random(s.Outputs, 2),
                    LowRankScale = 0.5,
                }),
            },
            "parameters" => new() { Parameters = model.Replaceable.ToDictionary(p => p.Key, p => (p.Value.Exact() + Random(p.Value.shape) * 0.1).Here()) },
            _ => Injection.None,
        };

        Tensor Random(params long[] shape) => (randn(shape, generator: random) * 0.2).Here();
    }
}
