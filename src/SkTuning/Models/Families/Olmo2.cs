using SkTuning.Models.Gguf;

namespace SkTuning.Models.Families;

/// <summary>
/// OLMo 2: norms on the outputs of the parts instead of their inputs, and over all queries and all keys. Source: transformers' Olmo2Config, Olmo2Model.
/// </summary>
internal sealed class Olmo2 : ModelFamily
{
    public override IReadOnlyList<string> Names => ["olmo2"];

    protected override ModelConfig ReadTraits(ConfigJson c)
    {
        var llama = Llama.Of("olmo2", c, new(50304, 4096, 11008, 32, 32, null, 2048, 1e-5f));
        return llama with
        {
            Attention = llama.Attention with { QueryKeyNorm = QueryKeyNorm.Whole },
            FeedForward = llama.FeedForward with { Bias = false },
        };
    }

    public override WeightNames Weights(ModelConfig config) => Named;

    private static WeightNames Named { get; } = Llama.Named with
    {
        QueryNorm = "self_attn.q_norm",
        KeyNorm = "self_attn.k_norm",
        AttentionNorm = null,
        AttentionOutputNorm = "post_attention_layernorm",
        FeedForwardNorm = null,
        FeedForwardOutputNorm = "post_feedforward_layernorm",
    };

    public override GgufArchitecture Gguf => new("olmo2")
    {
        Weights = Named,
        WriteConfig = static (json, settings) =>
        {
            // OLMo 3 is written under the same name.
            if (settings.IntOrNull("attention.sliding_window") is > 0 and var window)
                throw settings.Bad("attention.sliding_window", $"{window}: this is OLMo 3", "OLMo 2, which has no window");
            Llama.WriteGgufConfig(json, settings, "olmo2");
            json.WriteString("hidden_act", "silu");
            json.WriteBoolean("attention_bias", settings.LayerHas("attn_q.bias"));
            RotarySettings.Write(json, settings);
        },
    };
}
