namespace SkTuning.Models.Families;

/// <summary>OLMo 1: Llama with layer norms that have no weights, and clipped q, k, v. Source: transformers' OlmoConfig, OlmoModel.</summary>
internal sealed class Olmo : ModelFamily
{
    public override IReadOnlyList<string> Names => ["olmo"];

    protected override ModelConfig ReadTraits(ConfigJson c)
    {
        var llama = Llama.Of("olmo", c, new(50304, 4096, 11008, 32, 32, null, 2048, 1e-5f));
        return llama with
        {
            Norm = new(NormKind.Layer, 1e-5f, Affine: false),
            Attention = llama.Attention with { Clip = c.Limit("clip_qkv") },
            FeedForward = llama.FeedForward with { Bias = false },
        };
    }

    public override WeightNames Weights(ModelConfig config) => Llama.Named;
}
