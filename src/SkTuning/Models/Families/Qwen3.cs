using SkTuning.Models.Gguf;

namespace SkTuning.Models.Families;

/// <summary>Qwen 3: Llama with a norm on the queries and keys of each head. Source: transformers' Qwen3Config, Qwen3Model.</summary>
internal sealed class Qwen3 : ModelFamily
{
    public override IReadOnlyList<string> Names => ["qwen3"];

    protected override ModelConfig ReadTraits(ConfigJson c)
    {
        var llama = Llama.Of("qwen3", c, new(151936, 4096, 22016, 32, 32, 32, 32768, 1e-6f, HeadSize: 128));
        return llama with
        {
            Windows = Qwen2.UpperWindows(c, llama.Layers),
            Attention = llama.Attention with { QueryKeyNorm = QueryKeyNorm.PerHead },
            FeedForward = llama.FeedForward with { Bias = false },
        };
    }

    public override WeightNames Weights(ModelConfig config) => Named;

    internal static WeightNames Named { get; } = Llama.Named with { QueryNorm = "self_attn.q_norm", KeyNorm = "self_attn.k_norm" };

    public override GgufArchitecture Gguf => new("qwen3")
    {
        Weights = Named,
        WriteConfig = static (json, settings) =>
        {
            Llama.WriteGgufConfig(json, settings, "qwen3");
            json.WriteString("hidden_act", "silu");
            json.WriteBoolean("attention_bias", settings.LayerHas("attn_q.bias"));
            json.WriteBoolean("use_sliding_window", false);
            RotarySettings.Write(json, settings);
        },
    };
}
