namespace SkTuning.Models.Families;

/// <summary>Llama 1-3 and its many children. Source: transformers' LlamaConfig, LlamaModel.</summary>
internal sealed class Llama : ModelFamily
{
    public override IReadOnlyList<string> Names => ["llama"];

    public override ModelConfig Read(ConfigJson c)
    {
        var (hidden, heads, context) = (c.Size("hidden_size"), c.Size("num_attention_heads"), c.Size("max_position_embeddings", 2048));
        var headSize = HeadSize(c, hidden, heads);
        return new()
        {
            Family = "llama",
            Layers = c.Size("num_hidden_layers"),
            Hidden = hidden,
            Vocabulary = c.Size("vocab_size"),
            Context = context,
            Norm = NormTrait.Rms(c.Float("rms_norm_eps", 1e-6f)),
            Positions = new RotaryPositions([RotaryTrait.Read(c, headSize, context)]),
            Attention = new() { Heads = heads, KeyValueHeads = c.Size("num_key_value_heads", heads), HeadSize = headSize, Bias = c.Bool("attention_bias", false) },
            FeedForward = new() { Size = c.Size("intermediate_size"), Activation = ActivationOf(c, "hidden_act", "silu"), Gated = true, Bias = c.Bool("mlp_bias", false) },
            Head = new() { Tied = c.Bool("tie_word_embeddings", false) },
        };
    }

    public override WeightNames Weights(ModelConfig config) => Named;

    /// <summary>The names that Llama's children share.</summary>
    internal static WeightNames Named { get; } = new()
    {
        Prefixes = ["model.", ""],
        Embedding = "embed_tokens",
        FinalNorm = "norm",
        Head = "lm_head",
        Layer = "layers.{0}.",
        AttentionNorm = "input_layernorm",
        Query = "self_attn.q_proj",
        Key = "self_attn.k_proj",
        Value = "self_attn.v_proj",
        Output = "self_attn.o_proj",
        FeedForwardNorm = "post_attention_layernorm",
        Gate = "mlp.gate_proj",
        Up = "mlp.up_proj",
        Down = "mlp.down_proj",
        Unused = ["rotary_emb.inv_freq", "score.weight", "score.bias"],
    };
}
