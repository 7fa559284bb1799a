namespace SkTuning.Models.Families;

/// <summary>StableLM: Llama with layer norms and rotary on a part of each head. Source: transformers' StableLmConfig, StableLmModel.</summary>
internal sealed class StableLm : ModelFamily
{
    public override IReadOnlyList<string> Names => ["stablelm"];

    public override ModelConfig Read(ConfigJson c)
    {
        var llama = Llama.Of("stablelm", c, new(50304, 2560, 6912, 32, 32, 32, 4096, 1e-5f));
        var norm = NormTrait.Layer(c.Float("layer_norm_eps", 1e-5f));
        return llama with
        {
            Norm = norm,
            Block = c.Bool("use_parallel_residual", false) ? BlockTrait.Parallel : BlockTrait.Sequential,
            Positions = new RotaryPositions([RotaryTrait.Read(c, llama.Attention.HeadSize, llama.Context, partial: 0.25)]),
            Attention = llama.Attention with
            {
                Bias = c.Bool("use_qkv_bias", false),
                OutputBias = false,
                QueryKeyNorm = c.Bool("qk_layernorm", false) ? QueryKeyNorm.EachHead : QueryKeyNorm.None,
                QueryKeyNormTrait = norm with { Bias = false },
            },
            FeedForward = llama.FeedForward with { Bias = false },
        };
    }

    public override WeightNames Weights(ModelConfig config) => Llama.Named with
    {
        QueryNorm = "self_attn.q_layernorm.norms.{0}",
        KeyNorm = "self_attn.k_layernorm.norms.{0}",
        // In a parallel block the first norm serves both.
        FeedForwardNorm = config.Block == BlockTrait.Parallel ? null : Llama.Named.FeedForwardNorm,
    };
}
