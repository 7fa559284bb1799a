namespace SkTuning.Models.Families;

/// <summary>Qwen 3 with mixtures of feed-forwards in all or some layers. Source: transformers' Qwen3MoeConfig, Qwen3MoeModel.</summary>
internal sealed class Qwen3Moe : ModelFamily
{
    public override IReadOnlyList<string> Names => ["qwen3_moe"];

    protected override ModelConfig ReadTraits(ConfigJson c)
    {
        var llama = Llama.Of("qwen3_moe", c, new(151936, 2048, 6144, 24, 32, 4, 32768, 1e-6f));
        var mixture = new MixtureTrait(
            c.Size(["num_experts", "num_local_experts"], 128), c.Size("num_experts_per_tok", 8), c.Bool("norm_topk_prob", false),
            c.Size("moe_intermediate_size", 768));
        var (step, dense) = (c.Size("decoder_sparse_step", 1), c.Ints("mlp_only_layers") ?? []);
        return llama with
        {
            // Unlike in qwen3, all layers have the window, whatever max_window_layers says.
            Windows = (c.Bool("use_sliding_window", false) ? c.Window(4096) : null).InAllLayers(llama.Layers),
            MixtureLayers = [.. Enumerable.Range(0, llama.Layers).Select(l => !dense.Contains(l) && (l + 1) % step == 0)],
            Attention = llama.Attention with { QueryKeyNorm = QueryKeyNorm.PerHead },
            FeedForward = llama.FeedForward with { Bias = false, Mixture = mixture },
        };
    }

    public override WeightNames Weights(ModelConfig config) => Qwen3.Named with
    {
        Router = "mlp.gate",
        ExpertGate = "mlp.experts.{0}.gate_proj",
        ExpertUp = "mlp.experts.{0}.up_proj",
        ExpertDown = "mlp.experts.{0}.down_proj",
    };
}
