using SkTuning.Heads;
using SkTuning.Tokenizers.SubwordModels;

namespace SkTuning.Models.Families;

/// <summary>
/// Falcon in its three shapes: one key/value head and one norm (7b), key/value groups and two norms (40b, new_decoder_architecture), and the
/// models with ALiBi (rw). Source: transformers' FalconConfig, FalconModel.
/// </summary>
internal sealed class Falcon : ModelFamily
{
    public override IReadOnlyList<string> Names => ["falcon"];

    public override ModelConfig Read(ConfigJson c)
    {
        var (hidden, heads, context) = (c.Size(["n_embed", "hidden_size"], 4544), c.Size(["num_attention_heads", "n_head"], 71), c.Size("max_position_embeddings", 2048));
        var headSize = c.Share(hidden, heads);
        var (grouped, single, bias) = (c.Bool("new_decoder_architecture", false), c.Bool("multi_query", true), c.Bool("bias", false));
        var parallel = c.Bool("parallel_attn", true);
        if (grouped) c.Only("parallel_attn", parallel, true);
        var groups = !grouped && single ? 1 : c.Size(["num_kv_heads", "n_head_kv"], heads);
        if (!grouped && !single) c.Only("num_kv_heads", groups, heads);
        return new()
        {
            Family = "falcon",
            Layers = c.Layers(["num_hidden_layers", "n_layer"], 32),
            Hidden = hidden,
            Vocabulary = c.Size("vocab_size", 65024),
            Context = context,
            Norm = NormTrait.Layer(c.Float("layer_norm_epsilon", 1e-5f)),
            Block = parallel ? BlockTrait.Parallel : BlockTrait.Sequential,
            Positions = c.Bool("alibi", false) ? new AlibiPositions(InBfloat16: true) : new RotaryPositions([RotaryTrait.Read(c, headSize, context)]),
            Attention = new() { Heads = heads, KeyValueHeads = groups, HeadSize = headSize, Fused = FusedLayout.PerGroup, Bias = bias },
            FeedForward = new() { Size = c.Size("ffn_hidden_size", 4 * hidden), Activation = ActivationOf(c, "activation", "gelu"), Bias = bias },
            Head = new() { Tied = c.Bool("tie_word_embeddings", true) },
            TwoNorms = grouped && Norms(c) == 2,
        };
    }

    private static int Norms(ConfigJson c)
    {
        var norms = c.Int("num_ln_in_parallel_attn", 2);
        return norms is 1 or 2 ? norms : throw c.Refused("num_ln_in_parallel_attn", $"{norms}", "1 or 2");
    }

    public override WeightNames Weights(ModelConfig config) => new()
    {
        Prefixes = ["transformer.", ""],
        Embedding = "word_embeddings",
        FinalNorm = "ln_f",
        Head = "lm_head",
        Layer = "h.{0}.",
        AttentionNorm = config.TwoNorms ? "ln_attn" : "input_layernorm",
        Fused = "self_attention.query_key_value",
        Output = "self_attention.dense",
        FeedForwardNorm = config.TwoNorms ? "ln_mlp" : config.Block == BlockTrait.Parallel ? null : "post_attention_layernorm",
        Up = "mlp.dense_h_to_4h",
        Down = "mlp.dense_4h_to_h",
        Unused = [.. WeightNames.TaskHeads, "rotary_emb.inv_freq", "maybe_rotary.inv_freq"],
    };
}
