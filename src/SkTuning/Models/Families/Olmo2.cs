namespace SkTuning.Models.Families;

/// <summary>OLMo 2: norms on the parts' outputs instead of their inputs, and over all queries and all keys. Source: transformers' Olmo2Config, Olmo2Model.</summary>
internal sealed class Olmo2 : ModelFamily
{
    public override IReadOnlyList<string> Names => ["olmo2"];

    public override ModelConfig Read(ConfigJson c)
    {
        var llama = Llama.Of("olmo2", c, new(50304, 4096, 11008, 32, 32, null, 2048, 1e-5f));
        return llama with
        {
            Attention = llama.Attention with { QueryKeyNorm = QueryKeyNorm.Whole },
            FeedForward = llama.FeedForward with { Bias = false },
        };
    }

    public override WeightNames Weights(ModelConfig config) => Llama.Named with
    {
        QueryNorm = "self_attn.q_norm",
        KeyNorm = "self_attn.k_norm",
        AttentionNorm = null,
        AttentionOutputNorm = "post_attention_layernorm",
        FeedForwardNorm = null,
        FeedForwardOutputNorm = "post_feedforward_layernorm",
    };
}
