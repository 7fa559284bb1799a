using System.Text.Json;
using SkTuning.Models.Gguf;
using SkTuning.Tests.Checkpoints;
using SkTuning.Tests.Checkpoints.Gguf;
using static TorchSharp.torch;

namespace SkTuning.Tests.Models.Gguf;

public sealed class GgufModelTests
{
    /// <summary>Fixtures that have a folder models/&lt;name&gt; of the same name.</summary>
    public static TheoryData<string> Families => [.. Files().Where(n => !n.Contains('-') && Directory.Exists(Path.Combine(Fixtures.Root, "models", n)))];

    /// <summary>Fixtures with a file of expanded tensors.</summary>
    public static TheoryData<string> Expanded => [.. Files().Where(n => n != "blocks" && File.Exists(FileOf(n, ".safetensors")))];

    private static IEnumerable<string> Files()
        => Directory.GetFiles(Path.Combine(Fixtures.Root, "gguf"), "*.gguf").Select(f => Path.GetFileNameWithoutExtension(f)!).Order(StringComparer.Ordinal);

    private static string FileOf(string name, string extension) => Path.Combine(Fixtures.Root, "gguf", name + extension);

    [Theory, MemberData(nameof(Families))]
    public void Every_tensor_equals_that_of_the_original_checkpoint(string family)
    {
        var (expected, _) = Fixtures.Read(Path.Combine(Fixtures.Root, "models", family, "model.safetensors"));
        using var model = GgufModel.Open(FileOf(family, ".gguf"));
        // The converter omits BERT's pooler.
        var names = expected.Keys.Where(n => !n.StartsWith("pooler", StringComparison.Ordinal));
        Assert.Equal(names.Order(StringComparer.Ordinal), model.Checkpoint.Entries.Keys.Order(StringComparer.Ordinal));
        foreach (var name in names)
        {
            using var scope = NewDisposeScope();
            var read = model.Checkpoint.Read(name);
            Assert.Equal(read.shape, model.Checkpoint.Entries[name].Shape);
            // x + 1 - 1 differs from x in the last digits of fp32.
            if (family == "gemma" && name.Contains("norm")) Fixtures.AssertClose(expected[name], read, name, 1.2e-7);
            else Fixtures.AssertSame(expected[name], read, name);
        }
    }

    [Theory, MemberData(nameof(Expanded))]
    public void Half_and_quantized_models_expand_to_the_fixture_bit_for_bit(string name)
    {
        var (expected, _) = Fixtures.Read(FileOf(name, ".safetensors"));
        using var model = GgufModel.Open(FileOf(name, ".gguf"));
        Assert.Equal(expected.Keys.Order(StringComparer.Ordinal), model.Checkpoint.Entries.Keys.Order(StringComparer.Ordinal));
        var kept = 0;
        foreach (var (tensor, numbers) in expected)
        {
            using var scope = NewDisposeScope();
            Fixtures.AssertSame(numbers, model.Checkpoint.Read(tensor).to_type(ScalarType.Float32), tensor);
            using var blocks = model.Checkpoint.ReadQuantized(tensor);
            if (blocks is null) continue;
            kept++;
            Fixtures.AssertSame(numbers, blocks.Dequantize(ScalarType.Float32), tensor + " kept as blocks");
            Fixtures.AssertSame(numbers[1..3], blocks.DequantizeRows(1, 2, ScalarType.Float32), tensor + ", two rows");
        }
        Assert.Equal(name.Contains('q'), kept > 0);
    }

    [Theory, InlineData("llama-q4_0"), InlineData("gpt2"), InlineData("gemma"), InlineData("llama-f16")]
    public void Reading_leaves_only_the_requested_tensor(string name)
    {
        using var model = GgufModel.Open(FileOf(name, ".gguf"));
        var live = TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        foreach (var tensor in model.Checkpoint.Entries.Keys)
        {
            var read = model.Checkpoint.Read(tensor);
            Assert.Equal(live + 1, TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount);
            read.Dispose();
            using (var blocks = model.Checkpoint.ReadQuantized(tensor))
                blocks?.DequantizeRows(0, 1, ScalarType.Float32).Dispose();
            Assert.Equal(live, TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        }
    }

    [Theory, MemberData(nameof(Families))]
    public void The_derived_config_agrees_with_config_json(string family)
    {
        using var expected = JsonDocument.Parse(File.ReadAllText(Path.Combine(Fixtures.Root, "models", family, "config.json")));
        using var model = GgufModel.Open(FileOf(family, ".gguf"));
        using var actual = JsonDocument.Parse(model.ConfigJson);
        ConfigAgreement.Check(expected.RootElement, actual.RootElement, family, family == "mistral" ? ["model_type"] : []);
    }

    [Fact]
    public void Llama_and_mistral_are_one_architecture_unless_there_is_a_sliding_window()
    {
        using var model = GgufModel.Open(FileOf("mistral", ".gguf"));
        Assert.Contains("\"model_type\": \"llama\"", model.ConfigJson);
        var writer = Small("llama").U32("llama.attention.sliding_window", 16);
        using var file = new TemporaryFile(writer.ToArray());
        using var windowed = GgufModel.Open(file.Path);
        Assert.Contains("\"model_type\": \"mistral\"", windowed.ConfigJson);
        Assert.Contains("\"sliding_window\": 16", windowed.ConfigJson);
    }

    [Fact]
    public void A_tied_head_that_was_written_twice_is_omitted()
    {
        var embedding = Enumerable.Range(0, 32).Select(i => (float)i).ToArray();
        foreach (var (head, tied) in new[] { (embedding, true), (embedding.Reverse().ToArray(), false) })
        {
            using var file = new TemporaryFile(Small("llama", embedding).Tensor("output.weight", [4, 8], head).ToArray());
            using var model = GgufModel.Open(file.Path);
            Assert.Equal(!tied, model.Checkpoint.Entries.ContainsKey("lm_head.weight"));
            Assert.Contains($"\"tie_word_embeddings\": {(tied ? "true" : "false")}", model.ConfigJson);
        }
    }

    [Theory]
    [InlineData("mamba", null,
        "'mamba', expected one of bert, bloom, falcon, gemma, gemma2, gemma3, gpt2, llama, olmo2, phi3, qwen2, qwen3, stablelm, starcoder2.")]
    [InlineData("llama", "blk.0.ffn_gate_inp.weight", "'blk.0.ffn_gate_inp.weight' is an unknown tensor")]
    [InlineData("llama", "blk.1.attn_q.weight", "with 1 layers")]
    [InlineData("llama", "blk.00.ffn_up.weight", "'blk.00.ffn_up.weight'")]
    [InlineData("llama", "mm.0.weight", "'mm.0.weight'")]
    public void Unknown_architectures_and_tensors_are_refused_by_name(string architecture, string? tensor, string message)
    {
        var writer = Small(architecture);
        if (tensor is not null) writer.Tensor(tensor, [8, 8], new float[64]);
        using var file = new TemporaryFile(writer.ToArray());
        var e = Assert.ThrowsAny<SkTuningException>(() => GgufModel.Open(file.Path).Dispose());
        Assert.Contains(message, e.Message);
        Assert.Contains(file.Path, e.Message);
    }

    [Fact]
    public void Unsupported_settings_are_refused_by_key()
    {
        Refused(Small("llama").U32("llama.expert_count", 8), "'llama.expert_count' is 8");
        Refused(Small("llama").U32("llama.attention.value_length", 3), "'llama.attention.value_length' is 3");
        Refused(Small("llama").Text("llama.rope.scaling.type", "su"), "'llama.rope.scaling.type' is 'su'");
        Refused(Small("llama").Tensor("blk.0.attn_q.weight", [7, 8], new float[56]), "'blk.0.attn_q.weight' is [7, 8]");
        Refused(Small("olmo2").U32("olmo2.attention.sliding_window", 4096), "this is OLMo 3");
        Refused(Small("llama").Text("general.type", "adapter"), "'general.type' is 'adapter'");
        Refused(Small("bert").Bool("bert.attention.causal", true).F32("bert.attention.layer_norm_epsilon", 1e-5f), "an encoder");
        Refused(Small("llama").Tensor("blk.0.ffn_up.weight", 16, [1, 256], new byte[66]), "'blk.0.ffn_up.weight' is stored as IQ2_XXS");

        static void Refused(GgufWriter writer, string message)
        {
            using var file = new TemporaryFile(writer.ToArray());
            var e = Assert.ThrowsAny<SkTuningException>(() => GgufModel.Open(file.Path).Dispose());
            Assert.Contains(message, e.Message);
        }
    }

    [Fact]
    public void A_folder_with_one_file_is_opened_as_that_file()
    {
        var folder = Directory.CreateTempSubdirectory("gguf");
        try
        {
            Assert.Contains("no .gguf file", Assert.ThrowsAny<SkTuningException>(() => GgufModel.Open(folder.FullName)).Message);
            Small("llama").Save(Path.Combine(folder.FullName, "a.gguf"));
            using (var model = GgufModel.Open(folder.FullName)) Assert.Equal("llama", model.Architecture);
            Small("llama").Save(Path.Combine(folder.FullName, "b.gguf"));
            Assert.Contains("a.gguf, b.gguf", Assert.ThrowsAny<SkTuningException>(() => GgufModel.Open(folder.FullName)).Message);
        }
        finally { folder.Delete(recursive: true); }
    }

    [Fact]
    public void The_tokenizer_is_read_as_plain_values()
    {
        using var model = GgufModel.Open(FileOf("llama", ".gguf"));
        var tokenizer = model.Tokenizer!;
        Assert.Equal(("gpt2", "default", 131), (tokenizer.Model, tokenizer.Pre, tokenizer.Tokens.Count));
        Assert.Equal(["t 1"], tokenizer.Merges!);
        Assert.Null(tokenizer.BosId);
        using var bad = new TemporaryFile(Small("llama").Text("tokenizer.ggml.model", "gpt2").Texts("tokenizer.ggml.tokens", ["a", "b"])
            .U32("tokenizer.ggml.bos_token_id", 2).ToArray());
        Assert.Contains("'tokenizer.ggml.bos_token_id' is 2, expected an id below 2",
            Assert.ThrowsAny<SkTuningException>(() => GgufModel.Open(bad.Path)).Message);
    }

    [Theory, InlineData("smollm2"), InlineData("stories260k")]
    public void Real_models_load_with_known_names(string name)
    {
        var folder = Path.Combine(Fixtures.Shared, "models", name);
        Fixtures.SkipWithout(folder);
        using var model = GgufModel.Open(folder);
        using var config = JsonDocument.Parse(model.ConfigJson);
        int Int(string key) => config.RootElement.GetProperty(key).GetInt32();
        Assert.Equal("llama", config.RootElement.GetProperty("model_type").GetString());
        var (hidden, layers, heads, groups, vocabulary) = name == "smollm2" ? (576, 30, 9, 3, 49152) : (64, 5, 8, 4, 512);
        Assert.Equal((hidden, layers, heads, groups, vocabulary),
            (Int("hidden_size"), Int("num_hidden_layers"), Int("num_attention_heads"), Int("num_key_value_heads"), Int("vocab_size")));
        Assert.True(config.RootElement.GetProperty("tie_word_embeddings").GetBoolean());   // stories260k has the same bytes twice
        Assert.Equal(vocabulary, model.Tokenizer!.Tokens.Count);
        Assert.Equal(9 * layers + 2, model.Checkpoint.Entries.Count);
        foreach (var tensor in model.Checkpoint.Entries.Keys)
        {
            using var scope = NewDisposeScope();
            Assert.True(model.Checkpoint.Read(tensor).isfinite().all().item<bool>(), tensor);
        }
        if (name == "stories260k") Assert.Equal((1, 2, null), (model.Tokenizer.BosId, model.Tokenizer.EosId, model.Tokenizer.PaddingId));
    }

    /// <summary>Writes a model with one layer and the keys that every architecture needs.</summary>
    internal static GgufWriter Small(string architecture, float[]? embedding = null, int layers = 1) => new GgufWriter()
        .Text("general.architecture", architecture)
        .U32(architecture + ".block_count", (uint)layers).U32(architecture + ".embedding_length", 8).U32(architecture + ".feed_forward_length", 16)
            .U32(architecture + ".context_length", 32)
        .U32(architecture + ".attention.head_count", 2).F32(architecture + ".attention.layer_norm_rms_epsilon", 1e-5f)
        .Tensor("token_embd.weight", [4, 8], embedding ?? new float[32]);
}
