using System.Text.Json;
using SkTuning.Models.Gguf;
using SkTuning.Tests.Checkpoints;
using SkTuning.Tests.Checkpoints.Gguf;

namespace SkTuning.Tests.Models.Gguf;

public sealed class RotarySettingsTests
{
    /// <summary>Llama 3.1, 3.2, and shapes with no, one or a few frequencies in the blended range.</summary>
    [Theory]
    [InlineData(8, 1, 4, 8192, 500_000, 128, 8192, 4f)]
    [InlineData(32, 1, 4, 8192, 500_000, 64, 8192, 4f)]
    [InlineData(8, 2, 8, 16384, 500_000, 128, 8192, 4f)]
    [InlineData(4, 1, 3, 300, 10_000, 64, 300, 3f)]
    [InlineData(8, 1.25f, 4.3f, 1000, 10_000, 64, null, null)]
    [InlineData(8, 1, 4, 32, 10_000, 8, null, null)]
    [InlineData(8, 1, 4, 100, 10_000, 8, null, null)]
    [InlineData(8, 1, 4, 8192, 10_000, 8, null, null)]
    [InlineData(2, 1, 4, 64, 10_000, 16, null, null)]
    public void Llama3_scaling_is_found_from_its_factors(float factor, float low, float high, float original, float theta, int rotated, int? foundOriginal,
        float? foundHigh)
    {
        var factors = Factors(factor, low, high, original, theta, rotated);
        Assert.Contains(factors, f => f != 1);
        var found = Llama3Fit.Fit(factors, theta, rotated);
        Assert.NotNull(found);
        var again = Factors(found.Factor, found.LowFrequencyFactor, found.HighFrequencyFactor, found.OriginalContext, theta, rotated);
        for (var i = 0; i < factors.Length; i++) Assert.True(Math.Abs(again[i] / factors[i] - 1) < 2e-5, $"{i}: {again[i]} for {factors[i]}");
        if (foundOriginal is not null) Assert.Equal((foundOriginal, foundHigh, factor), (found.OriginalContext, found.HighFrequencyFactor, found.Factor));
    }

    [Fact]
    public void Factors_of_another_rule_are_refused_by_name()
    {
        foreach (var factors in (float[][])[[3, 1], [0.5f, 1]])
        {
            using var file = new TemporaryFile(GgufModelTests.Small("llama").Tensor("rope_freqs.weight", [2], factors).ToArray());
            Assert.Contains("'rope_freqs.weight' is a list of factors of another rule",
                Assert.ThrowsAny<SkTuningException>(() => GgufModel.Open(file.Path)).Message);
        }
        using var wrong = new TemporaryFile(GgufModelTests.Small("llama").Tensor("rope_freqs.weight", [3], [1, 1, 1]).ToArray());
        Assert.Contains("expected F32 [2]", Assert.ThrowsAny<SkTuningException>(() => GgufModel.Open(wrong.Path)).Message);
    }

    [Fact]
    public void Scalings_are_written_as_transformers_has_them()
    {
        Assert.Equal("""{"rope_theta":10000,"partial_rotary_factor":1,"rope_type":"default"}""", Written(w => w));
        Assert.Equal("""{"rope_theta":10000,"partial_rotary_factor":1,"rope_type":"default"}""", Written(w => w.Tensor("rope_freqs.weight", [2], [1, 1])));
        Assert.Equal("""{"rope_theta":10000,"partial_rotary_factor":1,"rope_type":"linear","factor":4}""",
            Written(w => w.Text("llama.rope.scaling.type", "linear").F32("llama.rope.scaling.factor", 4)));
        Assert.Equal("""{"rope_theta":10000,"partial_rotary_factor":1,"rope_type":"linear","factor":2}""", Written(w => w.F32("llama.rope.scale_linear", 2)));
        Assert.Equal("""{"rope_theta":500000,"partial_rotary_factor":1,"rope_type":"yarn","factor":4,"original_max_position_embeddings":8,"beta_fast":16}""",
            Written(w => w.F32("llama.rope.freq_base", 5e5f).Text("llama.rope.scaling.type", "yarn").F32("llama.rope.scaling.factor", 4)
                .U32("llama.rope.scaling.original_context_length", 8).F32("llama.rope.scaling.yarn_beta_fast", 16)));
        // A factor for each pair of rotated values: here one pair.
        Assert.Equal("""{"rope_theta":10000,"partial_rotary_factor":0.5,"rope_type":"linear","factor":2}""",
            Written(w => w.U32("llama.rope.dimension_count", 2).Tensor("rope_freqs.weight", [1], [2])));
        // 32 positions, 8 originally: the implied factor on the scores is not written, another one is.
        var usual = (float)Math.Sqrt(1 + Math.Log(4) / Math.Log(8));
        foreach (var (attention, tail) in new[] { (usual, ""), (1.5f, ",\"attention_factor\":1.5") })
            Assert.Equal($$"""{"rope_theta":10000,"partial_rotary_factor":1,"rope_type":"longrope","short_factor":[1,1.5],"long_factor":""" +
                $$"""[2,8],"original_max_position_embeddings":8,"factor":4{{tail}}}""",
                Written(w => w.U32("llama.rope.scaling.original_context_length", 8).F32("llama.rope.scaling.attn_factor", attention)
                    .Tensor("rope_factors_short.weight", [2], [1, 1.5f]).Tensor("rope_factors_long.weight", [2], [2, 8])));
    }

    [Fact]
    public void A_scaling_by_0_or_1_is_none()
    {
        foreach (var factor in (float[])[0, 1])
        {
            Assert.Equal("""{"rope_theta":10000,"partial_rotary_factor":1,"rope_type":"default"}""", Written(w => w.F32("llama.rope.scaling.factor", factor)));
            Assert.Equal("""{"rope_theta":10000,"partial_rotary_factor":1,"rope_type":"default"}""",
                Written(w => w.Text("llama.rope.scaling.type", "linear").F32("llama.rope.scaling.factor", factor)));
        }
        // As many positions as originally, or fewer: the implied factor on the scores is 1.
        foreach (var (original, attention, tail) in new[] { (32u, 1f, "1"), (64u, 1f, "0.5"), (64u, 1.25f, "0.5,\"attention_factor\":1.25") })
            Assert.EndsWith($"\"original_max_position_embeddings\":{original},\"factor\":{tail}}}",
                Written(w => w.U32("llama.rope.scaling.original_context_length", original).F32("llama.rope.scaling.attn_factor", attention)
                    .Tensor("rope_factors_short.weight", [2], [1, 1.5f]).Tensor("rope_factors_long.weight", [2], [2, 8])), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rope.freq_base", 0, "'llama.rope.freq_base' is 0, expected a number above 0")]
    [InlineData("rope.freq_base", -1, "'llama.rope.freq_base' is -1, expected a number above 0")]
    [InlineData("rope.scaling.factor", -2, "'llama.rope.scaling.factor' is -2, expected a number above 0")]
    [InlineData("rope.scaling.yarn_log_multiplier", 0.1f, "'llama.rope.scaling.yarn_log_multiplier' is 0.1, expected 0")]
    [InlineData("rope.scaling.yarn_ext_factor", 0, "'llama.rope.scaling.yarn_ext_factor' is 0, expected 1")]
    [InlineData("rope.scaling.attn_factor", 2, "'llama.rope.scaling.attn_factor' is 2, expected 1")]
    public void Numbers_that_cannot_be_meant_are_refused_by_key(string key, float number, string message)
    {
        var writer = GgufModelTests.Small("llama").Text("llama.rope.scaling.type", "yarn").U32("llama.rope.scaling.original_context_length", 8);
        if (key != "rope.scaling.factor") writer.F32("llama.rope.scaling.factor", 4);
        using var file = new TemporaryFile(writer.F32("llama." + key, number).ToArray());
        Assert.Contains(message, Assert.ThrowsAny<SkTuningException>(() => GgufModel.Open(file.Path)).Message);
    }

    [Fact]
    public void A_list_with_a_factor_of_0_is_refused()
    {
        using var file = new TemporaryFile(GgufModelTests.Small("llama").Tensor("rope_freqs.weight", [2], [1, 0]).ToArray());
        Assert.Contains("a factor that is not above 0", Assert.ThrowsAny<SkTuningException>(() => GgufModel.Open(file.Path)).Message);
    }

    private static string Written(Func<GgufWriter, GgufWriter> add)
    {
        using var file = new TemporaryFile(add(GgufModelTests.Small("llama")).ToArray());
        using var model = GgufModel.Open(file.Path);
        using var config = JsonDocument.Parse(model.ConfigJson);
        return JsonSerializer.Serialize(config.RootElement.GetProperty("rope_parameters"));
    }

    /// <summary>The factors as convert_hf_to_gguf.py writes them.</summary>
    private static float[] Factors(float factor, float low, float high, float original, float theta, int rotated)
        => [.. Enumerable.Range(0, rotated / 2).Select(i =>
        {
            var wave = 2 * MathF.PI * MathF.Pow(theta, 2f * i / rotated);
            if (wave < original / high) return 1;
            if (wave > original / low) return factor;
            var smooth = (original / wave - low) / (high - low);
            return 1 / ((1 - smooth) / factor + smooth);
        })];
}
