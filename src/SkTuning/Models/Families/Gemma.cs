namespace SkTuning.Models.Families;

/// <summary>Gemma 1: Llama with scaled word embeddings and norms stored as their distance from one. Source: transformers' GemmaConfig, GemmaModel.</summary>
internal sealed class Gemma : ModelFamily
{
    public override IReadOnlyList<string> Names => ["gemma"];

    public override ModelConfig Read(ConfigJson c)
    {
        // hidden_activation, where older folders have it, is what hidden_act was meant to be.
        var key = c.Has("hidden_activation") ? "hidden_activation" : "hidden_act";
        return Of("gemma", c, new(256000, 3072, 24576, 28, 16, 16, 8192, 1e-6f, HeadSize: 256, Tied: true), key);
    }

    public override WeightNames Weights(ModelConfig config) => Llama.Named;

    /// <summary>What the three Gemmas share.</summary>
    internal static ModelConfig Of(string family, ConfigJson c, Llama.Defaults defaults, string activation)
    {
        c.Only("use_bidirectional_attention", c.Bool("use_bidirectional_attention", false), false);
        var llama = Llama.Of(family, c, defaults);
        return llama with
        {
            Norm = llama.Norm with { AddsOne = true },
            Embedding = new() { Scale = MathF.Sqrt(llama.Hidden) },
            FeedForward = llama.FeedForward with { Activation = ActivationOf(c, activation, "gelu_pytorch_tanh"), Bias = false },
        };
    }
}
