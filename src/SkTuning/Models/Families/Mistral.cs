namespace SkTuning.Models.Families;

/// <summary>Mistral: Llama with a window in every layer, unless config.json sets it to null. Source: transformers' MistralConfig, MistralModel.</summary>
internal sealed class Mistral : ModelFamily
{
    public override IReadOnlyList<string> Names => ["mistral"];

    protected override ModelConfig ReadTraits(ConfigJson c)
    {
        var llama = Llama.Of("mistral", c, new(32000, 4096, 14336, 32, 32, 8, 131072, 1e-6f));
        return llama with
        {
            Windows = c.Window(4096).InAllLayers(llama.Layers),
            // There are no biases, whatever the config says.
            Attention = llama.Attention with { Bias = false },
            FeedForward = llama.FeedForward with { Bias = false },
        };
    }

    public override WeightNames Weights(ModelConfig config) => Llama.Named;
}
