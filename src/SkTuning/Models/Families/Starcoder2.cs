using SkTuning.Models.Gguf;

namespace SkTuning.Models.Families;

/// <summary>
/// StarCoder 2: Llama with layer norms, a feed-forward without gate, biases, and an optional window. Source: transformers' Starcoder2Config, Starcoder2Model.
/// </summary>
internal sealed class Starcoder2 : ModelFamily
{
    public override IReadOnlyList<string> Names => ["starcoder2"];

    protected override ModelConfig ReadTraits(ConfigJson c)
    {
        var llama = Llama.Of("starcoder2", c, new(49152, 3072, 12288, 30, 24, 2, 4096, 1e-5f, Tied: true));
        var bias = c.Bool("use_bias", true);
        return llama with
        {
            Norm = NormTrait.Layer(c.Epsilon("norm_epsilon", 1e-5f)),
            Windows = c.Window().InAllLayers(llama.Layers),
            Attention = llama.Attention with { Bias = bias },
            FeedForward = new() { Size = llama.FeedForward.Size, Activation = ActivationOf(c, "hidden_act", "gelu_pytorch_tanh"), Bias = bias },
        };
    }

    public override WeightNames Weights(ModelConfig config) => Named;

    private static WeightNames Named { get; } = Llama.Named with { Gate = null, Up = "mlp.c_fc", Down = "mlp.c_proj" };

    public override GgufArchitecture Gguf => new("starcoder2")
    {
        Weights = Named,
        WriteConfig = static (json, settings) =>
        {
            settings.WriteShared(json, "starcoder2");
            settings.WriteSizes(json);
            json.WriteNumber("head_dim", settings.HeadSize);
            json.WriteNumber("norm_epsilon", settings.Float("attention.layer_norm_epsilon"));
            json.WriteString("hidden_act", "gelu_pytorch_tanh");
            json.WriteBoolean("use_bias", settings.LayerHas("attn_q.bias"));
            if (settings.IntOrNull("attention.sliding_window") is > 0 and var window) json.WriteNumber("sliding_window", window);
            RotarySettings.Write(json, settings);
        },
    };
}
