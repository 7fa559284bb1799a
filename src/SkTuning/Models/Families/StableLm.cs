using SkTuning.Models.Gguf;

namespace SkTuning.Models.Families;

/// <summary>StableLM: Llama with layer norms and rotary on a part of each head. Source: transformers' StableLmConfig, StableLmModel.</summary>
internal sealed class StableLm : ModelFamily
{
    public override IReadOnlyList<string> Names => ["stablelm"];

    protected override ModelConfig ReadTraits(ConfigJson c)
    {
        var llama = Llama.Of("stablelm", c, new(50304, 2560, 6912, 32, 32, 32, 4096, 1e-5f));
        var norm = NormTrait.Layer(c.Epsilon("layer_norm_eps", 1e-5f));
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

    // In a parallel block the first norm serves both.
    public override WeightNames Weights(ModelConfig config) => config.Block == BlockTrait.Parallel ? Named with { FeedForwardNorm = null } : Named;

    private static WeightNames Named { get; } = Llama.Named with { QueryNorm = "self_attn.q_layernorm.norms.{0}", KeyNorm = "self_attn.k_layernorm.norms.{0}" };

    public override GgufArchitecture Gguf => new("stablelm")
    {
        Weights = Named,
        WriteConfig = static (json, settings) =>
        {
            settings.WriteShared(json, "stablelm");
            settings.WriteSizes(json);
            json.WriteNumber("layer_norm_eps", settings.Float("attention.layer_norm_epsilon"));
            json.WriteString("hidden_act", "silu");
            json.WriteBoolean("use_qkv_bias", settings.LayerHas("attn_q.bias"));
            json.WriteBoolean("qk_layernorm", settings.LayerHas("attn_q_norm.weight"));
            // The file's key for this is not reliable: llama.cpp looks at the tensors too.
            json.WriteBoolean("use_parallel_residual", !settings.LayerHas("ffn_norm.weight"));
            RotarySettings.Write(json, settings);
        },
    };
}
