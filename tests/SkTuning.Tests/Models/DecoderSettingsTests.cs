using System.Text;
using SkTuning.Models;
using SkTuning.Models.Families;

namespace SkTuning.Tests.Models;

/// <summary>The settings in the config.json files of decoders, in all their spellings.</summary>
public sealed class DecoderSettingsTests
{
    private static ModelConfig Read(string json)
    {
        var config = ConfigJson.Parse("config.json", Encoding.UTF8.GetBytes(json));
        return ConfigCheck.Checked(ModelFamily.Of(config).Read(config), config);
    }

    [Theory]
    [InlineData("""{"model_type":"mamba"}""", "model_type", "one of ")]
    [InlineData("""{"model_type":"llama","hidden_act":"mish"}""", "hidden_act", "gelu_new")]
    [InlineData("""{"model_type":"llama","rope_scaling":{"type":"mrope"}}""", "rope_scaling.rope_type", "longrope")]
    [InlineData("""{"model_type":"llama","num_attention_heads":7}""", "num_attention_heads", "a divisor of the hidden size 4096")]
    [InlineData("""{"model_type":"qwen2","num_hidden_layers":2,"layer_types":["full_attention","linear_attention"]}""", "layer_types",
        "sliding_attention or full_attention")]
    [InlineData("""{"model_type":"qwen2","num_hidden_layers":1,"layer_types":["sliding_attention"]}""", "layer_types", "sliding_window is not set")]
    [InlineData("""{"model_type":"gemma","use_bidirectional_attention":true}""", "use_bidirectional_attention", "False")]
    [InlineData("""{"model_type":"gemma3"}""", "text_config", "settings of the text model")]
    [InlineData("""{"model_type":"mpt","attn_config":{"alibi":false}}""", "attn_config.alibi", "True")]
    [InlineData("""{"model_type":"mpt","attn_config":{"qk_ln":true}}""", "attn_config.qk_ln", "False")]
    [InlineData("""{"model_type":"mpt","attn_config":{"alibi_bias_max":16}}""", "attn_config.alibi_bias_max", "8")]
    [InlineData("""{"model_type":"gpt2","add_cross_attention":true}""", "add_cross_attention", "False")]
    [InlineData("""{"model_type":"gptj","rotary_dim":null}""", "rotary_dim", "the number of rotated values")]
    [InlineData("""{"model_type":"gpt_neo","attention_types":[[["global","sparse"],12]]}""", "attention_types", "global or local")]
    [InlineData("""{"model_type":"gpt_neo","num_layers":4,"attention_types":[[["global","local"],1]]}""", "attention_types", "4 layers")]
    [InlineData("""{"model_type":"falcon","new_decoder_architecture":true,"parallel_attn":false}""", "parallel_attn", "True")]
    [InlineData("""{"model_type":"smollm3","num_hidden_layers":3,"no_rope_layers":[1,0]}""", "no_rope_layers", "3 layers")]
    [InlineData("""{"model_type":"mixtral","num_local_experts":4,"num_experts_per_tok":5}""", "num_experts_per_tok", "at most 4")]
    [InlineData("""{"model_type":"phi3","rope_scaling":{"type":"linear","factor":2.0}}""", "rope_type", "longrope")]
    [InlineData("""{"model_type":"llama","quantization_config":{"quant_method":"gptq","bits":4}}""", "quantization_config",
        "\"gptq\", expected no quantization, or a GGUF file of F32")]
    [InlineData("""{"model_type":"bert","quantization_config":{"load_in_4bit":true}}""", "quantization_config", "Q4_K")]
    [InlineData("""{"model_type":"llama","rope_scaling":{"type":"longrope","short_factor":[1.0,2.0],"long_factor":[1.0]}}""", "rope_scaling",
        "2 divisors in short_factor and 1 in long_factor, expected 64")]
    [InlineData("""{"model_type":"llama","head_dim":2,"rope_scaling":{"type":"dynamic","factor":2.0}}""", "rope_scaling", "four or more")]
    [InlineData("""{"model_type":"qwen3_moe","num_hidden_layers":1000000000}""", "num_hidden_layers", "from 1 to 1000")]
    [InlineData("""{"model_type":"mpt","attn_config":{"softmax_scale":-1e308}}""", "attn_config.softmax_scale", "a finite fp32 number")]
    [InlineData("""{"model_type":"gemma2","query_pre_attn_scalar":1e-300}""", "model_type", "scale of scores")]
    [InlineData("""{"model_type":"llama","hidden_act":"\uD800"}""", "hidden_act", "a text")]
    [InlineData("""{"model_type":"gpt_neo","attention_types":[[["\uD800"],24]]}""", "attention_types", "global or local")]
    public void What_is_not_implemented_is_refused_by_name(string json, string key, string expected)
    {
        var error = Assert.Throws<SkTuningFileException>(() => Read(json));
        Assert.Equal(key, error.Key);
        Assert.Contains(expected, error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void A_missing_window_is_the_familys_and_null_is_none()
    {
        Assert.All(Read("""{"model_type":"mistral"}""").Windows!, w => Assert.Equal(4096, w));
        Assert.Null(Read("""{"model_type":"mistral","sliding_window":null}""").Windows);
        Assert.Null(Read("""{"model_type":"mixtral"}""").Windows);
        Assert.Null(Read("""{"model_type":"qwen2","sliding_window":5}""").Windows);
        Assert.Equal([null, 5],
            Read("""{"model_type":"qwen3","num_hidden_layers":2,"use_sliding_window":true,"sliding_window":5,"max_window_layers":1}""").Windows!);
        Assert.Equal([4096, null, 4096], Read("""{"model_type":"gemma2","num_hidden_layers":3}""").Windows!);
    }

    [Fact]
    public void Missing_key_value_heads_are_the_familys_and_null_is_the_number_of_heads()
    {
        Assert.Equal(8, Read("""{"model_type":"mistral"}""").Attention.KeyValueHeads);
        Assert.Equal(32, Read("""{"model_type":"mistral","num_key_value_heads":null}""").Attention.KeyValueHeads);
        Assert.Equal(32, Read("""{"model_type":"llama"}""").Attention.KeyValueHeads);
    }

    [Fact]
    public void Missing_caps_are_the_familys_and_null_is_none()
    {
        Assert.Equal((50f, 30f), (Read("""{"model_type":"gemma2"}""").Attention.SoftCap, Read("""{"model_type":"gemma2"}""").Head.SoftCap));
        Assert.Null(Read("""{"model_type":"gemma2","attn_logit_softcapping":null}""").Attention.SoftCap);
        Assert.Null(Read("""{"model_type":"gemma3_text"}""").Attention.SoftCap);
    }

    [Fact]
    public void The_text_model_of_gemma3_fills_in_missing_settings()
    {
        var c = Read("""{"model_type":"gemma3","text_config":{"model_type":"gemma3_text","hidden_size":2560,"intermediate_size":10240,""" +
            """ "num_hidden_layers":34,"rope_scaling":{"factor":8.0,"rope_type":"linear"},"sliding_window":1024},"vision_config":{}}""");
        Assert.Equal((262208, 8, 4, 256, 1024), (c.Vocabulary, c.Attention.Heads, c.Attention.KeyValueHeads, c.Attention.HeadSize, c.Windows![0]!.Value));
        var rotary = (RotaryPositions)c.Positions;
        Assert.Equal((10000, 1_000_000), (rotary[0]!.Theta, rotary[5]!.Theta));
        Assert.Equal(new LinearScaling(8), rotary[5]!.Scaling);
        Assert.Equal(new NoScaling(), rotary[0]!.Scaling);
    }

    [Theory]
    [InlineData("""{"model_type":"falcon","hidden_size":64,"n_layer":2,"n_head":4,"n_head_kv":2,"new_decoder_architecture":true}""",
        """{"model_type":"falcon","hidden_size":64,"num_hidden_layers":2,"num_attention_heads":4,"num_kv_heads":2,"new_decoder_architecture":true}""")]
    [InlineData("""{"model_type":"bloom","n_embed":64,"n_layer":2,"num_attention_heads":4}""",
        """{"model_type":"bloom","hidden_size":64,"num_hidden_layers":2,"n_head":4}""")]
    [InlineData("""{"model_type":"gpt2","n_embd":64,"n_head":4,"n_ctx":128}""",
        """{"model_type":"gpt2","hidden_size":64,"num_attention_heads":4,"n_positions":128}""")]
    [InlineData("""{"model_type":"gpt_neox","rotary_pct":0.5,"rotary_emb_base":777}""",
        """{"model_type":"gpt_neox","rope_parameters":{"rope_type":"default","rope_theta":777.0,"partial_rotary_factor":0.5}}""")]
    [InlineData("""{"model_type":"llama","rope_theta":500000.0,"rope_scaling":{"type":"linear","factor":2.0}}""",
        """{"model_type":"llama","rope_parameters":{"rope_type":"linear","rope_theta":500000.0,"factor":2.0}}""")]
    [InlineData("""{"model_type":"gemma3_text","rope_theta":2e6,"rope_local_base_freq":500.0}""",
        """{"model_type":"gemma3_text","rope_parameters":{"full_attention":{"rope_theta":2e6,"rope_type":"default"},""" +
            """ "sliding_attention":{"rope_theta":500.0,"rope_type":"default"}}}""")]
    [InlineData("""{"model_type":"llama","rope_theta":500.0,"rope_scaling":{"type":"linear","factor":2.0},"rope_parameters":{"rope_theta":1000.0,""" +
        """ "rope_type":"default"}}""", """{"model_type":"llama","rope_theta":500.0,"rope_scaling":{"type":"linear","factor":2.0}}""")]
    [InlineData("""{"model_type":"llama","rope_scaling":{},"rope_parameters":{"rope_theta":1000.0,"rope_type":"default"}}""",
        """{"model_type":"llama","rope_theta":1000.0,"rope_scaling":null}""")]
    [InlineData("""{"model_type":"falcon","n_embed":64,"hidden_size":128,"n_head":4}""",
        """{"model_type":"falcon","hidden_size":64,"num_attention_heads":4}""")]
    [InlineData("""{"model_type":"roberta"}""", """{"model_type":"roberta","vocab_size":50265}""")]
    [InlineData("""{"model_type":"qwen3_moe","num_experts":16}""", """{"model_type":"qwen3_moe","num_local_experts":16}""")]
    public void Older_and_newer_names_mean_the_same(string older, string newer) => Assert.Equal(Traits.Hash(Read(older)), Traits.Hash(Read(newer)));

    [Fact]
    public void Every_decoder_has_defaults_for_all_optional_settings()
    {
        foreach (var type in ModelFamily.Supported.Except(["gemma3"]))
        {
            var config = Read($$"""{"model_type":"{{type}}"}""");
            if (config.Causal) Assert.True(config is { Layers: > 0, Hidden: > 0, Vocabulary: > 0 }, type);
        }
    }
}
