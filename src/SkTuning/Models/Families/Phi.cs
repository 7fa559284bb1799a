namespace SkTuning.Models.Families;

/// <summary>
/// Phi 1, 1.5 and 2: one layer norm before attention and feed-forward in parallel, rotary on a part of each head. Source: transformers' PhiConfig, PhiModel.
/// </summary>
internal sealed class Phi : ModelFamily
{
    public override IReadOnlyList<string> Names => ["phi"];

    protected override ModelConfig ReadTraits(ConfigJson c)
    {
        var (hidden, heads, context) = (c.Size("hidden_size", 2048), c.Size("num_attention_heads", 32), c.Size("max_position_embeddings", 2048));
        var headSize = c.HeadSize(hidden, heads);
        return new()
        {
            Family = "phi",
            Layers = c.Layers("num_hidden_layers", 24),
            Hidden = hidden,
            Vocabulary = c.Size("vocab_size", 51200),
            Context = context,
            Norm = NormTrait.Layer(c.Epsilon("layer_norm_eps", 1e-5f)),
            Block = BlockTrait.Parallel,
            Positions = new RotaryPositions([RotaryTrait.Read(c, headSize, context, partial: 0.5)]),
            Attention = new()
            {
                Heads = heads,
                KeyValueHeads = c.KeyValueHeads(heads),
                HeadSize = headSize,
                Bias = true,
                QueryKeyNorm = c.Bool("qk_layernorm", false) ? QueryKeyNorm.PerHead : QueryKeyNorm.None,
            },
            FeedForward = new() { Size = c.Size("intermediate_size", 8192), Activation = ActivationOf(c, "hidden_act", "gelu_new"), Bias = true },
            Head = new() { Tied = c.Bool("tie_word_embeddings", false), Bias = true },
        };
    }

    public override WeightNames Weights(ModelConfig config) => Llama.Named with
    {
        FinalNorm = "final_layernorm",
        Output = "self_attn.dense",
        QueryNorm = "self_attn.q_layernorm",
        KeyNorm = "self_attn.k_layernorm",
        FeedForwardNorm = null,
        Gate = null,
        Up = "mlp.fc1",
        Down = "mlp.fc2",
    };
}
