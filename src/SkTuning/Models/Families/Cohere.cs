namespace SkTuning.Models.Families;

/// <summary>
/// Cohere's Command R: one layer norm without bias before attention and feed-forward in parallel, rotary on adjacent values. Source: transformers'
/// CohereConfig, CohereModel.
/// </summary>
internal sealed class Cohere : ModelFamily
{
    public override IReadOnlyList<string> Names => ["cohere"];

    protected override ModelConfig ReadTraits(ConfigJson c)
    {
        var llama = Llama.Of("cohere", c, new(256000, 8192, 22528, 40, 64, null, 8192, 1e-5f, Theta: 500000, Tied: true));
        var rotary = ((RotaryPositions)llama.Positions)[0]!;
        return llama with
        {
            Norm = NormTrait.Layer(c.Epsilon("layer_norm_eps", 1e-5f), bias: false),
            Block = BlockTrait.Parallel,
            Positions = new RotaryPositions([rotary with { Interleaved = true }]),
            Attention = llama.Attention with { QueryKeyNorm = c.Bool("use_qk_norm", false) ? QueryKeyNorm.EachHead : QueryKeyNorm.None },
            FeedForward = llama.FeedForward with { Bias = false },
            Head = llama.Head with { Scale = c.Factor("logit_scale", 0.0625f) },
        };
    }

    public override WeightNames Weights(ModelConfig config)
        => Llama.Named with { FeedForwardNorm = null, QueryNorm = "self_attn.q_norm", KeyNorm = "self_attn.k_norm" };
}
