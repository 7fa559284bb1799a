using System.Text;
using System.Text.Json.Nodes;
using SkTuning.Fuzz.Mutation;
using SkTuning.Fuzz.Running;
using SkTuning.Tests.Checkpoints.Pickle;
using TorchSharp;

namespace SkTuning.Fuzz.Readers;

/// <summary>Weights in safetensors.</summary>
internal sealed class SafetensorsReader : Reader
{
    public override string Name => "safetensors";

    public override IEnumerable<Seed> CreateSeeds(string folder) => [Seed.Of(Repository.MicroModel, f => f == "model.safetensors")];

    public override void Use(string folder, Use use) => Micro.UseModel(folder, use);
}

/// <summary>Weights in several files, and the index that lists them.</summary>
internal sealed class ShardsReader : Reader
{
    public override string Name => "shards";

    public override IEnumerable<Seed> CreateSeeds(string folder)
    {
        var files = Seed.Of(Repository.MicroModel).Files.ToDictionary();
        var tensors = TensorMutator.Read(files["model.safetensors"]).ToList();
        files.Remove("model.safetensors");
        var map = new JsonObject();
        for (var i = 1; i <= 2; i++)
        {
            var part = tensors.Where((_, t) => t % 2 == i - 1).ToList();
            var name = $"model-0000{i}-of-00002.safetensors";
            files[name] = TensorMutator.Write(part);
            foreach (var (tensor, _, _, _) in part) map[tensor] = name;
        }
        const string index = "model.safetensors.index.json";
        files[index] = Encoding.UTF8.GetBytes(new JsonObject { ["metadata"] = new JsonObject { ["total_size"] = 24000 }, ["weight_map"] = map }.ToJsonString());
        yield return new("micro", files, [index, index, "model-00001-of-00002.safetensors"]);
    }

    public override void Use(string folder, Use use) => Micro.UseModel(folder, use);
}

/// <summary>Weights as torch.save writes them.</summary>
internal sealed class PickleReader : Reader
{
    public override string Name => "pickle";

    public override IEnumerable<Seed> CreateSeeds(string folder)
    {
        (string, TorchSaveWriter)[] writers = [("stored", new()), ("zip64", new() { Zip64 = true }), ("deflated", new() { Deflate = true })];
        foreach (var (name, writer) in writers)
        {
            var files = Seed.Of(Repository.MicroModel).Files.ToDictionary();
            using var scope = torch.NewDisposeScope();
            var tensors = TensorMutator.Read(files["model.safetensors"]).Select(t =>
            {
                var value = torch.zeros(t.Shape, torch.ScalarType.Float32);
                value.bytes = t.Data;
                return (t.Name, value);
            }).ToArray();
            files.Remove("model.safetensors");
            files["pytorch_model.bin"] = writer.Save(tensors);
            yield return new(name, files, ["pytorch_model.bin"]);
        }
    }

    public override void Use(string folder, Use use) => Micro.UseModel(folder, use);
}

/// <summary>Models in one GGUF file, with their tokenizers.</summary>
internal sealed class GgufReader : Reader
{
    public override string Name => "gguf";
    public override int Weight => 3;

    public override IEnumerable<Seed> CreateSeeds(string folder)
        => Directory.GetFiles(Repository.Fixture("gguf"), "*.gguf").Order(StringComparer.Ordinal).Where(f => Path.GetFileName(f) != "blocks.gguf")
            .Select(f => new Seed(Path.GetFileNameWithoutExtension(f),
                new Dictionary<string, byte[]> { ["model.gguf"] = GgufSeed.WithTokenizer(File.ReadAllBytes(f)) }, ["model.gguf"]));

    public override void Use(string folder, Use use) => Micro.UseModel(Path.Combine(folder, "model.gguf"), use);
}

/// <summary>The settings of a model, of every family that has a fixture.</summary>
internal sealed class ConfigReader : Reader
{
    /// <summary>Texts whose words are ids.</summary>
    private static readonly IReadOnlyList<Row> Rows =
        [new("w5 w17 w3", "a"), new("w9 w21", "b"), new("w5 w11 w2 w7", "a"), new("w30", "b"), new("w5 w17", "a"), new("w9 w8 w2", "b")];

    public override string Name => "config.json";
    public override int Weight => 4;

    public override IEnumerable<Seed> CreateSeeds(string folder)
    {
        yield return Seed.Of(Repository.MicroModel, f => f == "config.json");
        foreach (var family in Repository.Folders("models"))
        {
            foreach (var style in (string[])["config.json", "config.v4.json"])
            {
                if (!File.Exists(Path.Combine(family, style))) continue;
                var config = File.ReadAllBytes(Path.Combine(family, style));
                yield return new(Path.GetFileName(family) + (style == "config.json" ? "" : "-v4"), new Dictionary<string, byte[]>
                {
                    ["config.json"] = config,
                    ["model.safetensors"] = File.ReadAllBytes(Path.Combine(family, "model.safetensors")),
                    ["tokenizer.json"] = WordTokenizer((int)JsonNode.Parse(config)!["vocab_size"]!),
                }, ["config.json"]);
            }
        }
    }

    public override void Use(string folder, Use use)
        => Micro.UseModel(folder, use, File.Exists(Path.Combine(folder, "tokenizer_config.json")) ? null : Rows);

    /// <summary>A tokenizer whose words are the ids: "w5 w17".</summary>
    public static byte[] WordTokenizer(int size) => Encoding.UTF8.GetBytes(new JsonObject
    {
        ["version"] = "1.0",
        ["pre_tokenizer"] = new JsonObject { ["type"] = "WhitespaceSplit" },
        ["model"] = new JsonObject
        {
            ["type"] = "WordLevel",
            ["unk_token"] = "w0",
            ["vocab"] = new JsonObject(Enumerable.Range(0, size).Select(i => KeyValuePair.Create($"w{i}", (JsonNode?)i))),
        },
    }.ToJsonString());
}
