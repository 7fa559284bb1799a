namespace SkTuning.Models.Families;

/// <summary>
/// GPT-NeoX and Pythia: attention and feed-forward in parallel, each with its norm; rotary on a part of each head. Source: transformers' GPTNeoXConfig,
/// GPTNeoXModel.
/// </summary>
internal sealed class GptNeoX : ModelFamily
{
    public override IReadOnlyList<string> Names => ["gpt_neox"];

    public override ClassifierTrait Classifier => ClassifierTrait.DecoderWithTokenClassifier;

    protected override ModelConfig ReadTraits(ConfigJson c)
    {
        var (hidden, heads, context) = (c.Size("hidden_size", 6144), c.Size("num_attention_heads", 64), c.Size("max_position_embeddings", 2048));
        var headSize = c.Share(hidden, heads);
        return new()
        {
            Family = "gpt_neox",
            Layers = c.Layers("num_hidden_layers", 44),
            Hidden = hidden,
            Vocabulary = c.Size("vocab_size", 50432),
            Context = context,
            Norm = NormTrait.Layer(c.Epsilon("layer_norm_eps", 1e-5f)),
            Block = c.Bool("use_parallel_residual", true) ? BlockTrait.Parallel : BlockTrait.Sequential,
            // rotary_pct and rotary_emb_base are the older names.
            Positions = new RotaryPositions([RotaryTrait.Read(c, headSize, context, c.Double("rotary_emb_base", 10000), c.Double("rotary_pct", 0.25))]),
            Attention = new()
            {
                Heads = heads, KeyValueHeads = heads, HeadSize = headSize, Fused = FusedLayout.PerGroup, Bias = c.Bool("attention_bias", true),
            },
            FeedForward = new() { Size = c.Size("intermediate_size", 24576), Activation = ActivationOf(c, "hidden_act", "gelu"), Bias = true },
            Head = new() { Tied = c.Bool("tie_word_embeddings", false) },
        };
    }

    public override WeightNames Weights(ModelConfig config) => new()
    {
        Prefixes = ["gpt_neox.", ""],
        Embedding = "embed_in",
        FinalNorm = "final_layer_norm",
        Head = "embed_out",
        Layer = "layers.{0}.",
        AttentionNorm = "input_layernorm",
        Fused = "attention.query_key_value",
        Output = "attention.dense",
        FeedForwardNorm = "post_attention_layernorm",
        Up = "mlp.dense_h_to_4h",
        Down = "mlp.dense_4h_to_h",
        Unused = [.. WeightNames.TaskHeads, ".attention.bias", ".attention.masked_bias", "rotary_emb.inv_freq"],
    };
}
