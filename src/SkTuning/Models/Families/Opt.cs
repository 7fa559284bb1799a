namespace SkTuning.Models.Families;

/// <summary>
/// OPT: learned positions from row 2. The 350m model has norms after its parts and narrower word embeddings. Source: transformers' OPTConfig, OPTModel.
/// </summary>
internal sealed class Opt : ModelFamily
{
    public override IReadOnlyList<string> Names => ["opt"];

    protected override ModelConfig ReadTraits(ConfigJson c)
    {
        var (hidden, heads, context) = (c.Size("hidden_size", 768), c.Size("num_attention_heads", 12), c.Size("max_position_embeddings", 2048));
        var (before, bias, words) = (c.Bool("do_layer_norm_before", true), c.Bool("enable_bias", true), c.Size("word_embed_proj_dim", hidden));
        return new()
        {
            Family = "opt",
            Layers = c.Layers("num_hidden_layers", 12),
            Hidden = hidden,
            Vocabulary = c.Size("vocab_size", 50272),
            Context = context,
            Norm = NormTrait.Layer(1e-5f) with { Affine = c.Bool("layer_norm_elementwise_affine", true) },
            Block = before ? BlockTrait.Sequential : BlockTrait.NormAfter,
            FinalNorm = before && !c.Bool("_remove_final_layer_norm", false),
            Output = words == hidden ? 0 : words,
            Embedding = words == hidden ? new() : new() { Size = words, ProjectsFirst = true },
            Positions = new LearnedPositions(context + 2, Offset: 2),
            Attention = new() { Heads = heads, KeyValueHeads = heads, HeadSize = c.Share(hidden, heads), Bias = bias },
            FeedForward = new() { Size = c.Size("ffn_dim", 3072), Activation = ActivationOf(c, "activation_function", "relu"), Bias = bias },
            Head = new() { Tied = c.Bool("tie_word_embeddings", true) },
        };
    }

    public override WeightNames Weights(ModelConfig config) => new()
    {
        Prefixes = ["model.decoder.", "decoder.", ""],
        Embedding = "embed_tokens",
        Positions = "embed_positions",
        EmbeddingProjection = config.Output > 0 ? "project_in" : null,
        FinalNorm = "final_layer_norm",
        OutputProjection = config.Output > 0 ? "project_out" : null,
        Head = "lm_head",
        Layer = "layers.{0}.",
        AttentionNorm = "self_attn_layer_norm",
        Query = "self_attn.q_proj",
        Key = "self_attn.k_proj",
        Value = "self_attn.v_proj",
        Output = "self_attn.out_proj",
        FeedForwardNorm = "final_layer_norm",
        Up = "fc1",
        Down = "fc2",
        Unused = WeightNames.TaskHeads,
    };
}
