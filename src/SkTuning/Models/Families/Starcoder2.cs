namespace SkTuning.Models.Families;

/// <summary>StarCoder 2: layer norms, a plain feed-forward, biases, perhaps a window. Source: transformers' Starcoder2Config, Starcoder2Model.</summary>
internal sealed class Starcoder2 : ModelFamily
{
    public override IReadOnlyList<string> Names => ["starcoder2"];

    public override ModelConfig Read(ConfigJson c)
    {
        var llama = Llama.Of("starcoder2", c, new(49152, 3072, 12288, 30, 24, 2, 4096, 1e-5f, Tied: true));
        var bias = c.Bool("use_bias", true);
        return llama with
        {
            Norm = NormTrait.Layer(c.Float("norm_epsilon", 1e-5f)),
            Windows = c.Window().InAllLayers(llama.Layers),
            Attention = llama.Attention with { Bias = bias },
            FeedForward = new() { Size = llama.FeedForward.Size, Activation = ActivationOf(c, "hidden_act", "gelu_pytorch_tanh"), Bias = bias },
        };
    }

    public override WeightNames Weights(ModelConfig config) => Llama.Named with { Gate = null, Up = "mlp.c_fc", Down = "mlp.c_proj" };
}
