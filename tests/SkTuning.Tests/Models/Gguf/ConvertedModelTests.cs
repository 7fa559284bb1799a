using System.Text.Json;
using SkTuning.Models.Gguf;
using SkTuning.Tests.Checkpoints;
using SkTuning.Tests.Checkpoints.Gguf;
using static TorchSharp.torch;

namespace SkTuning.Tests.Models.Gguf;

/// <summary>Families without a GGUF fixture: their model fixture is converted here and read back.</summary>
public sealed class ConvertedModelTests
{
    [Theory, InlineData("bloom"), InlineData("falcon-7b"), InlineData("falcon-40b"), InlineData("qwen3"), InlineData("gemma2"), InlineData("gemma3_text")]
    public void A_converted_model_is_read_back_unchanged(string family)
    {
        var folder = Path.Combine(Fixtures.Root, "models", family);
        var (expected, _) = Fixtures.Read(Path.Combine(folder, "model.safetensors"));
        using var file = new TemporaryFile(ConvertedModels.Write(family).ToArray());
        using var model = GgufModel.Open(file.Path);
        Assert.Equal(expected.Keys.Order(StringComparer.Ordinal), model.Checkpoint.Entries.Keys.Order(StringComparer.Ordinal));
        foreach (var (name, numbers) in expected)
        {
            using var scope = NewDisposeScope();
            if (family.StartsWith("gemma") && name.EndsWith("norm.weight")) Fixtures.AssertClose(numbers, model.Checkpoint.Read(name), name, 1.2e-7);
            else Fixtures.AssertSame(numbers, model.Checkpoint.Read(name), name);
        }
        using var config = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "config.json")));
        using var derived = JsonDocument.Parse(model.ConfigJson);
        ConfigAgreement.Check(config.RootElement, derived.RootElement, family, []);
    }

    [Fact]
    public void StableLm_norms_of_each_head_are_separated()
    {
        var writer = GgufModelTests.Small("stablelm").F32("stablelm.attention.layer_norm_epsilon", 1e-5f).U32("stablelm.rope.dimension_count", 2)
            .Tensor("blk.0.attn_q_norm.weight", [2, 4], [1, 2, 3, 4, 5, 6, 7, 8]).Tensor("blk.0.attn_norm.bias", [8], new float[8]);
        using var file = new TemporaryFile(writer.ToArray());
        using var model = GgufModel.Open(file.Path);
        Assert.Equal(["model.embed_tokens.weight", "model.layers.0.self_attn.q_layernorm.norms.0.weight", "model.layers.0.self_attn.q_layernorm.norms.1.weight",
            "model.layers.0.input_layernorm.bias"], model.Checkpoint.Entries.Keys);
        using var second = model.Checkpoint.Read("model.layers.0.self_attn.q_layernorm.norms.1.weight");
        Fixtures.AssertSame(tensor(new float[] { 5, 6, 7, 8 }), second, "second head");
        Assert.Contains("\"qk_layernorm\": true", model.ConfigJson);
        Assert.Contains("\"use_parallel_residual\": true", model.ConfigJson);
        Assert.Contains("\"partial_rotary_factor\": 0.5", model.ConfigJson);
    }

    [Fact]
    public void Olmo2_has_norms_after_its_parts()
    {
        using var file = new TemporaryFile(GgufModelTests.Small("olmo2").Tensor("blk.0.post_attention_norm.weight", [8], new float[8])
            .Tensor("blk.0.post_ffw_norm.weight", [8], new float[8])
            .Tensor("blk.0.attn_q_norm.weight", [8], new float[8]).Tensor("blk.0.attn_q.weight", [8, 8], new float[64]).ToArray());
        using var model = GgufModel.Open(file.Path);
        Assert.Equal(["model.embed_tokens.weight", "model.layers.0.post_attention_layernorm.weight", "model.layers.0.post_feedforward_layernorm.weight",
            "model.layers.0.self_attn.q_norm.weight", "model.layers.0.self_attn.q_proj.weight"], model.Checkpoint.Entries.Keys);
        Assert.Contains("\"model_type\": \"olmo2\"", model.ConfigJson);
    }

    [Fact]
    public void Gpt2_matrices_kept_as_blocks_are_marked_as_transposed()
    {
        var bytes = new byte[96 * 34];
        for (var row = 0; row < 96; row++)
        {
            BitConverter.TryWriteBytes(bytes.AsSpan(row * 34), (Half)1f);
            for (var i = 0; i < 32; i++) bytes[row * 34 + 2 + i] = (byte)(sbyte)(row - i);
        }
        var writer = new GgufWriter().Text("general.architecture", "gpt2").U32("gpt2.block_count", 1).U32("gpt2.embedding_length", 32)
            .U32("gpt2.feed_forward_length", 128)
            .U32("gpt2.context_length", 16).U32("gpt2.attention.head_count", 4).F32("gpt2.attention.layer_norm_epsilon", 1e-5f)
            .Tensor("token_embd.weight", [4, 32], new float[128]).Tensor("blk.0.attn_qkv.weight", 8, [96, 32], bytes);
        using var file = new TemporaryFile(writer.ToArray());
        using var model = GgufModel.Open(file.Path);
        const string name = "transformer.h.0.attn.c_attn.weight";
        Assert.Equal([32, 96], model.Checkpoint.Entries[name].Shape);
        using var read = model.Checkpoint.Read(name);
        using var blocks = model.Checkpoint.ReadQuantized(name)!;
        using var expanded = blocks.Dequantize(ScalarType.Float32);
        Assert.True(blocks.Transposed);
        Assert.Equal([96, 32], expanded.shape);
        Assert.Equal(50f - 3, expanded[50, 3].item<float>());
        Fixtures.AssertSame(expanded.t(), read, name);
    }
}
