namespace SkTuning.Models.Families;

/// <summary>Mixtral: Mistral with a mixture of feed-forwards. Source: transformers' MixtralConfig, MixtralModel.</summary>
internal sealed class Mixtral : ModelFamily
{
    public override IReadOnlyList<string> Names => ["mixtral"];

    protected override ModelConfig ReadTraits(ConfigJson c)
    {
        var llama = Llama.Of("mixtral", c, new(32000, 4096, 14336, 32, 32, 8, 131072, 1e-5f, Theta: 1e6));
        var mixture = new MixtureTrait(
            c.Size(["num_local_experts", "num_experts"], 8), c.Size("num_experts_per_tok", 2), Normalized: true, llama.FeedForward.Size);
        return llama with
        {
            Windows = c.Window().InAllLayers(llama.Layers),
            Attention = llama.Attention with { Bias = false },
            FeedForward = llama.FeedForward with { Bias = false, Mixture = mixture },
        };
    }

    public override WeightNames Weights(ModelConfig config) => Llama.Named with
    {
        Router = "block_sparse_moe.gate",
        ExpertGate = "block_sparse_moe.experts.{0}.w1",
        ExpertUp = "block_sparse_moe.experts.{0}.w3",
        ExpertDown = "block_sparse_moe.experts.{0}.w2",
    };
}
