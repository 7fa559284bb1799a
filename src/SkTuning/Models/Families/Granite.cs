namespace SkTuning.Models.Families;

/// <summary>Granite: Llama with four multipliers. Source: transformers' GraniteConfig, GraniteModel.</summary>
internal sealed class Granite : ModelFamily
{
    public override IReadOnlyList<string> Names => ["granite"];

    protected override ModelConfig ReadTraits(ConfigJson c)
    {
        var llama = Llama.Of("granite", c, new(32000, 4096, 11008, 32, 32, null, 2048, 1e-6f));
        var divisor = c.Factor("logits_scaling", 1);
        return llama with
        {
            Embedding = new() { Scale = c.Factor("embedding_multiplier", 1), ScalesPrompt = true },
            ResidualScale = c.Factor("residual_multiplier", 1),
            Attention = llama.Attention with { Scale = c.Factor("attention_multiplier", 1) },
            Head = llama.Head with { Scale = 1 / divisor },
        };
    }

    public override WeightNames Weights(ModelConfig config) => Llama.Named;
}
