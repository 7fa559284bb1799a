using System.Text.Json;
using SkTuning.Models.Gguf;
using SkTuning.Tests.Checkpoints;
using SkTuning.Tests.Checkpoints.Gguf;

namespace SkTuning.Tests.Models.Gguf;

/// <summary>A file may omit keys. Then the values that llama.cpp and transformers have for the family are written.</summary>
public sealed class GgufDefaultsTests
{
    [Fact]
    public void Gemma3_has_a_base_of_a_million_and_one_of_ten_thousand_in_windows()
    {
        const string rotary = """
            {"full_attention":{"rope_theta":1000000,"partial_rotary_factor":1,"rope_type":"default"},
            "sliding_attention":{"rope_type":"default","rope_theta":10000}}
            """;
        Assert.Equal(rotary.ReplaceLineEndings(""), Value(Gemma3(1), "rope_parameters"));
        Assert.Contains("\"sliding_attention\":{\"rope_type\":\"default\",\"rope_theta\":500}",
            Value(Gemma3(1).F32("gemma3.rope.freq_base_swa", 500), "rope_parameters"));
        Assert.Contains("\"rope_theta\":20000,\"partial", Value(Gemma3(1).F32("gemma3.rope.freq_base", 20_000), "rope_parameters"));
        Assert.Equal("[\"sliding_attention\"]", Value(Gemma3(1), "layer_types"));
        Assert.Equal(("7", "gelu_pytorch_tanh"), (Value(Gemma3(1), "sliding_window"), Value(Gemma3(1), "hidden_activation")));
    }

    [Theory]
    [InlineData("gemma3", 6)]
    [InlineData("gemma2", 2)]
    public void One_layer_in_six_of_Gemma3_and_in_two_of_Gemma2_has_no_window(string family, int every)
    {
        var layers = Enumerable.Range(1, 13).Select(l => l % every == 0 ? "full_attention" : "sliding_attention");
        Assert.Equal(JsonSerializer.Serialize(layers), Value(Gemma(family, 13), "layer_types"));
        var key = family + ".attention.sliding_window_pattern";
        var third = Enumerable.Range(1, 13).Select(l => l % 3 == 0 ? "full_attention" : "sliding_attention");
        Assert.Equal(JsonSerializer.Serialize(third), Value(Gemma(family, 13).U32(key, 3), "layer_types"));
        Assert.Equal("[\"sliding_attention\",\"sliding_attention\"]", Value(Gemma(family, 2).U32(key, 0), "layer_types"));
        Assert.Equal("[\"sliding_attention\",\"full_attention\"]", Value(Gemma(family, 2).Bools(key, [true, false]), "layer_types"));
        Assert.Contains($"'{key}' is 1 entries, expected 2", Refusal(Gemma(family, 2).Bools(key, [true])));
        Assert.Contains($"'{key}' is -1", Refusal(Gemma(family, 2).I32(key, -1)));
    }

    [Theory]
    [InlineData("gemma3", 62)]
    [InlineData("gemma2", 46)]
    public void The_largest_Gemma_divides_scores_by_the_root_of_its_width_per_head(string family, int layersOfLargest)
    {
        // Two heads of 4 of a width of 8, or of 6 where the file has the size of a key.
        foreach (var (layers, scalar) in new[] { (layersOfLargest - 1, "6"), (layersOfLargest, "4"), (layersOfLargest + 1, "6") })
            Assert.Equal(scalar, Value(Gemma(family, layers).U32(family + ".attention.key_length", 6), "query_pre_attn_scalar"));
        Assert.Equal("4", Value(Gemma(family, 1), "query_pre_attn_scalar"));
    }

    [Fact]
    public void Gemma2_has_caps_of_50_and_30_and_windows_of_4096()
    {
        var file = GgufModelTests.Small("gemma2");
        Assert.Equal(("50", "30", "4096"),
            (Value(file, "attn_logit_softcapping"), Value(file, "final_logit_softcapping"), Value(file, "sliding_window")));
        file.F32("gemma2.attn_logit_softcapping", 3).F32("gemma2.final_logit_softcapping", 5).U32("gemma2.attention.sliding_window", 9);
        Assert.Equal(("3", "5", "9"), (Value(file, "attn_logit_softcapping"), Value(file, "final_logit_softcapping"), Value(file, "sliding_window")));
    }

    [Fact]
    public void Gemma3_has_a_cap_only_if_the_file_has_one()
    {
        Assert.Null(Value(Gemma3(1), "final_logit_softcapping"));
        Assert.Null(Value(Gemma3(1).F32("gemma3.final_logit_softcapping", 0), "final_logit_softcapping"));
        Assert.Equal("30", Value(Gemma3(1).F32("gemma3.final_logit_softcapping", 30), "final_logit_softcapping"));
    }

    [Theory]
    [InlineData("gemma")]
    [InlineData("gemma2")]
    [InlineData("llama")]
    [InlineData("qwen2")]
    [InlineData("qwen3")]
    [InlineData("phi3")]
    [InlineData("olmo2")]
    [InlineData("stablelm")]
    [InlineData("starcoder2")]
    [InlineData("falcon")]
    public void Every_other_family_has_a_base_of_ten_thousand(string family)
    {
        var file = GgufModelTests.Small(family).F32(family + ".attention.layer_norm_epsilon", 1e-5f);
        Assert.Equal("""{"rope_theta":10000,"partial_rotary_factor":1,"rope_type":"default"}""", Value(file, "rope_parameters"));
    }

    [Theory]
    [InlineData("llama", "llama", "mistral")]
    [InlineData("phi3", "phi3", "phi3")]
    [InlineData("starcoder2", "starcoder2", "starcoder2")]
    public void A_window_of_0_is_none(string family, string without, string with)
    {
        foreach (var (window, type, written) in new[] { (0u, without, null), (1u, with, "1") })
        {
            var file = GgufModelTests.Small(family).F32(family + ".attention.layer_norm_epsilon", 1e-5f).U32(family + ".attention.sliding_window", window);
            Assert.Equal((type, written), (Value(file, "model_type"), Value(file, "sliding_window")));
        }
    }

    [Fact]
    public void Phi3_has_its_context_as_the_original_one()
    {
        Assert.Equal("32", Value(GgufModelTests.Small("phi3"), "original_max_position_embeddings"));
        Assert.Equal("16", Value(GgufModelTests.Small("phi3").U32("phi3.rope.scaling.original_context_length", 16), "original_max_position_embeddings"));
    }

    [Fact]
    public void Falcon_is_of_the_new_kind_with_several_keys_or_two_norms()
    {
        Assert.Equal(("true", "1"), New(Falcon(2)));
        Assert.Equal(("false", null), New(Falcon(1)));
        Assert.Equal(("true", "2"), New(Falcon(1).Tensor("blk.0.attn_norm_2.weight", [8], new float[8])));

        static GgufWriter Falcon(uint keys) => GgufModelTests.Small("falcon").F32("falcon.attention.layer_norm_epsilon", 1e-5f)
            .U32("falcon.attention.head_count_kv", keys);

        static (string?, string?) New(GgufWriter file) => (Value(file, "new_decoder_architecture"), Value(file, "num_ln_in_parallel_attn"));
    }

    private static GgufWriter Gemma3(int layers) => Gemma("gemma3", layers);

    private static GgufWriter Gemma(string family, int layers)
    {
        var file = GgufModelTests.Small(family, layers: layers).U32(family + ".attention.sliding_window", 7);
        for (var i = 0; i < layers; i++) file.Tensor($"blk.{i}.attn_norm.weight", [8], new float[8]);
        return file;
    }

    /// <summary>Returns a setting of the config that is derived from a file; null if it has none.</summary>
    private static string? Value(GgufWriter writer, string key)
    {
        using var file = new TemporaryFile(writer.ToArray());
        using var model = GgufModel.Open(file.Path);
        using var config = JsonDocument.Parse(model.ConfigJson);
        return config.RootElement.TryGetProperty(key, out var value)
            ? value.ValueKind == JsonValueKind.String ? value.GetString() : JsonSerializer.Serialize(value) : null;
    }

    private static string Refusal(GgufWriter writer)
    {
        using var file = new TemporaryFile(writer.ToArray());
        return Assert.ThrowsAny<SkTuningException>(() => GgufModel.Open(file.Path).Dispose()).Message;
    }
}
