using System.Text;
using System.Text.Json.Nodes;
using SkTuning.Models;
using SkTuning.Models.Families;

namespace SkTuning.Tests.Models;

/// <summary>Every number of a config that enters the forward pass is checked by name: one that is out of range would make every state NaN or useless.</summary>
public sealed class NumbersOfConfigsTests
{
    private static ModelConfig Read(string json)
    {
        var config = ConfigJson.Parse("config.json", Encoding.UTF8.GetBytes(json));
        return ConfigCheck.Checked(ModelFamily.Of(config).Read(config), config);
    }

    /// <summary>Every family with the key of its norms.</summary>
    public static TheoryData<string, string> Norms()
    {
        var data = new TheoryData<string, string>();
        foreach (var family in Fixtures.Folders("models", "config.json"))
        {
            var config = JsonNode.Parse(File.ReadAllText(Path.Combine(Fixtures.Root, "models", family, "config.json")))!.AsObject();
            foreach (var key in config.Select(p => p.Key).Where(k => k is "norm_eps" or "norm_epsilon" || k.Contains("norm_ep", StringComparison.Ordinal)))
                if (!(family is "cohere" && key == "rms_norm_eps")) data.Add(family, key);
        }
        return data;
    }

    [Theory, MemberData(nameof(Norms))]
    public void An_epsilon_below_0_or_not_below_1_is_refused_in_every_family(string family, string key)
    {
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(Fixtures.Root, "models", family, "config.json")))!.AsObject();
        foreach (var wrong in (double[])[-1, -1e-12, 1, 1e30])
        {
            config[key] = wrong;
            var error = Assert.ThrowsAny<SkTuningException>(() => Read(config.ToJsonString()));
            Assert.Contains($"'{key}' is ", error.Message);
            Assert.Contains("expected a number from 0 to below 1", error.Message);
        }
        config[key] = 0;
        Read(config.ToJsonString());
    }

    [Theory]
    [InlineData("granite", "logits_scaling")]
    [InlineData("granite", "embedding_multiplier")]
    [InlineData("granite", "residual_multiplier")]
    [InlineData("granite", "attention_multiplier")]
    [InlineData("cohere", "logit_scale")]
    public void A_factor_is_above_0_and_no_larger_than_any_model_needs(string family, string key)
    {
        foreach (var wrong in (string[])["0", "-0.5", "1e30", "1e-300", "Infinity", "-Infinity", "NaN"])
            Assert.Contains($"'{key}' is ", Assert.ThrowsAny<SkTuningException>(() => Read($$"""{"model_type":"{{family}}","{{key}}":{{wrong}}}""")).Message);
        Read($$"""{"model_type":"{{family}}","{{key}}":0.5}""");
    }

    [Theory]
    [InlineData("""{"model_type":"gemma2","query_pre_attn_scalar":1e-300}""", "scale of scores")]
    [InlineData("""{"model_type":"gemma2","query_pre_attn_scalar":1e300}""", "scale of scores")]
    [InlineData("""{"model_type":"mpt","attn_config":{"softmax_scale":-1.0}}""", "softmax_scale")]
    [InlineData("""{"model_type":"gemma2","final_logit_softcapping":-30}""", "final_logit_softcapping")]
    [InlineData("""{"model_type":"gemma2","attn_logit_softcapping":Infinity}""", "attn_logit_softcapping")]
    [InlineData("""{"model_type":"olmo","clip_qkv":0}""", "clip_qkv")]
    [InlineData("""{"model_type":"llama","rope_theta":0}""", "rope_theta")]
    [InlineData("""{"model_type":"llama","rope_theta":Infinity}""", "rope_theta")]
    [InlineData("""{"model_type":"llama","rope_theta":1e-300}""", "rope_scaling")]
    [InlineData("""{"model_type":"llama","partial_rotary_factor":-0.5}""", "partial_rotary_factor")]
    [InlineData("""{"model_type":"llama","sliding_window":4,"hidden_act":"tanhh"}""", "hidden_act")]
    [InlineData("""{"model_type":"mistral","sliding_window":-4}""", "sliding_window")]
    [InlineData("""{"model_type":"llama","rope_scaling":{"type":"linear","factor":-2}}""", "rope_scaling.factor")]
    [InlineData("""{"model_type":"llama","rope_scaling":{"type":"linear","factor":1e-300}}""", "rope_scaling")]
    [InlineData("""{"model_type":"llama","rope_theta":1.0,"rope_scaling":{"type":"yarn","factor":2.0}}""", "rope_scaling")]
    [InlineData("""{"model_type":"llama","rope_scaling":{"type":"yarn","factor":2.0,"attention_factor":-1}}""", "attention_factor")]
    [InlineData("""{"model_type":"llama","rope_scaling":{"type":"yarn","factor":2.0,"mscale":-100,"mscale_all_dim":1}}""", "rope_scaling")]
    [InlineData("""{"model_type":"llama","rope_scaling":{"rope_type":"llama3","factor":8,"low_freq_factor":1,"high_freq_factor":Infinity}}""", "high_freq")]
    [InlineData("""{"model_type":"phi3","rope_scaling":{"type":"longrope","short_factor":[Infinity],"long_factor":[1.0]}}""", "short_factor")]
    public void Other_numbers_out_of_range_are_refused_by_name(string json, string key)
    {
        var error = Assert.ThrowsAny<SkTuningException>(() => Read(json));
        Assert.Contains(key, error.Message);
        Assert.DoesNotContain("1e999", error.Message);
    }

    [Fact]
    public void Infinity_in_a_setting_that_nothing_reads_does_not_matter()
    {
        const string unused = """ "time_step_limit": [0.0, Infinity], "x": {"y": [-Infinity, NaN], "text": "a \"Infinity\" b \\"}, "z": "NaN" """;
        Assert.Equal("llama", Read($$"""{"model_type":"llama",{{unused}}}""").Family);
        var error = Assert.ThrowsAny<SkTuningException>(() => Read($$"""{{{unused}}, "model_type":"mamba2"}"""));
        Assert.Contains("'model_type' is \"mamba2\", expected one of ", error.Message);
        var raw = ConfigJson.Parse("config.json", Encoding.UTF8.GetBytes($$"""{{{unused}}}""")).Raw;
        Assert.Contains(""""text": "a \"Infinity\" b \\"}, "z": "NaN" """", raw);
        Assert.Contains("[0.0, 1e999]", raw);
        Assert.Contains("invalid JSON", Assert.ThrowsAny<SkTuningException>(() => Read("""{"model_type":"llama","a":Infinite}""")).Message);
    }

    [Fact]
    public void The_epsilon_of_a_gguf_file_is_refused_by_its_own_name()
    {
        var bytes = File.ReadAllBytes(Path.Combine(Fixtures.Root, "gguf", "llama.gguf"));
        var key = "llama.attention.layer_norm_rms_epsilon"u8;
        BitConverter.TryWriteBytes(bytes.AsSpan(bytes.AsSpan().IndexOf(key) + key.Length + 4), -1f);
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["m.gguf"], bytes);
        var error = Assert.ThrowsAny<SkTuningException>(() => FrozenModel.Load(folder["m.gguf"], new() { Device = "cpu" }));
        Assert.Contains("'llama.attention.layer_norm_rms_epsilon' is -1, expected a number from 0 to below 1", error.Message);
    }
}
