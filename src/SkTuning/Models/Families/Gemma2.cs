using SkTuning.Heads;

namespace SkTuning.Models.Families;

/// <summary>Gemma 2: norms before and behind each part, soft caps, a window in every other layer. Source: transformers' Gemma2Config, Gemma2Model.</summary>
internal sealed class Gemma2 : ModelFamily
{
    public override IReadOnlyList<string> Names => ["gemma2"];

    public override ModelConfig Read(ConfigJson c)
    {
        var gemma = Gemma.Of("gemma2", c, new(256000, 2304, 9216, 26, 8, 4, 8192, 1e-6f, HeadSize: 256, Tied: true), "hidden_activation");
        return gemma with
        {
            Windows = c.Windows(gemma.Layers, c.Window(4096), layer => layer % 2 == 0),
            Attention = gemma.Attention with { Scale = QueryScale(c), SoftCap = c.Limit("attn_logit_softcapping", 50) },
            Head = gemma.Head with { SoftCap = c.Limit("final_logit_softcapping", 30) },
        };
    }

    public override WeightNames Weights(ModelConfig config) => Named;

    /// <summary>query_pre_attn_scalar^-1/2.</summary>
    internal static float QueryScale(ConfigJson c)
    {
        var scalar = c.Double("query_pre_attn_scalar", 256);
        return scalar > 0 ? (float)Math.Pow(scalar, -0.5) : throw c.Refused("query_pre_attn_scalar", $"{scalar}", "a number above 0");
    }

    internal static WeightNames Named { get; } = Llama.Named with
    {
        AttentionOutputNorm = "post_attention_layernorm",
        FeedForwardNorm = "pre_feedforward_layernorm",
        FeedForwardOutputNorm = "post_feedforward_layernorm",
    };
}
