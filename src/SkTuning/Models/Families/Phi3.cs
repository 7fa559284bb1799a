using SkTuning.Models.Gguf;

namespace SkTuning.Models.Families;

/// <summary>Phi 3 and 4: Llama with q, k and v in one weight, and gate and up in one. Source: transformers' Phi3Config, Phi3Model.</summary>
internal sealed class Phi3 : ModelFamily
{
    public override IReadOnlyList<string> Names => ["phi3"];

    protected override ModelConfig ReadTraits(ConfigJson c)
    {
        var llama = Llama.Of("phi3", c, new(32064, 3072, 8192, 32, 32, null, 4096, 1e-5f));
        return llama with
        {
            Windows = c.Window().InAllLayers(llama.Layers),
            Positions = new RotaryPositions([Rotary(c, llama)]),
            Attention = llama.Attention with { Fused = FusedLayout.Concatenated, Bias = false },
            FeedForward = llama.FeedForward with { FusedGate = true, Bias = false },
        };
    }

    public override WeightNames Weights(ModelConfig config) => Named;

    private static WeightNames Named { get; } = Llama.Named with { Fused = "self_attn.qkv_proj", Gate = "mlp.gate_up_proj" };

    /// <summary>Reads the rotary trait. The first folders say "su" or "yarn" for longrope, and the original context is 4096 if it is missing.</summary>
    private static RotaryTrait Rotary(ConfigJson c, ModelConfig llama)
    {
        var rotary = ((RotaryPositions)llama.Positions)[0]!;
        return rotary.Scaling switch
        {
            NoScaling => rotary,
            LongScaling or YarnScaling => rotary with
            {
                Scaling = LongScaling.Read(RotaryTrait.Parameters(c)!, llama.Context, c.Size("original_max_position_embeddings", 4096)),
            },
            _ => throw c.Refused("rope_type", rotary.Scaling.GetType().Name, "default or longrope"),
        };
    }

    /// <summary>The file calls gate and up, which are one matrix, <c>ffn_up</c>.</summary>
    public override GgufArchitecture Gguf => new("phi3")
    {
        Weights = Named with { Gate = null, Up = Named.Gate },
        WriteConfig = static (json, settings) =>
        {
            Llama.WriteGgufConfig(json, settings, "phi3");
            json.WriteString("hidden_act", "silu");
            if (settings.IntOrNull("attention.sliding_window") is > 0 and var window) json.WriteNumber("sliding_window", window);
            json.WriteNumber("original_max_position_embeddings", settings.IntOrNull("rope.scaling.original_context_length") ?? settings.Context);
            RotarySettings.Write(json, settings);
        },
    };
}
