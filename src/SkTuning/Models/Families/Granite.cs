namespace SkTuning.Models.Families;

/// <summary>Granite: Llama with four multipliers. Source: transformers' GraniteConfig, GraniteModel.</summary>
internal sealed class Granite : ModelFamily
{
    public override IReadOnlyList<string> Names => ["granite"];

    protected override ModelConfig ReadTraits(ConfigJson c)
    {
        var llama = Llama.Of("granite", c, new(32000, 4096, 11008, 32, 32, null, 2048, 1e-6f));
        var divisor = c.Float("logits_scaling", 1);
        if (divisor == 0) throw c.Refused("logits_scaling", "0", "a number other than 0");
        return llama with
        {
            Embedding = new() { Scale = c.Float("embedding_multiplier", 1), ScalesPrompt = true },
            ResidualScale = c.Float("residual_multiplier", 1),
            Attention = llama.Attention with { Scale = c.Float("attention_multiplier", 1) },
            Head = llama.Head with { Scale = 1 / divisor },
        };
    }

    public override WeightNames Weights(ModelConfig config) => Llama.Named;
}
