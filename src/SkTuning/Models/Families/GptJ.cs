namespace SkTuning.Models.Families;

/// <summary>GPT-J: one norm before attention and feed-forward in parallel, rotary on adjacent values. Source: transformers' GPTJConfig, GPTJModel.</summary>
internal sealed class GptJ : ModelFamily
{
    public override IReadOnlyList<string> Names => ["gptj"];

    protected override ModelConfig ReadTraits(ConfigJson c)
    {
        var (hidden, heads) = (c.Size(["n_embd", "hidden_size"], 4096), c.Size(["n_head", "num_attention_heads"], 16));
        var context = c.Size(["n_positions", "max_position_embeddings", "n_ctx"], 2048);
        var headSize = c.Share(hidden, heads);
        if (c.Writes("rotary_dim") && !c.Has("rotary_dim")) throw c.Refused("rotary_dim", "null", "the number of rotated values");
        var rotated = c.Size("rotary_dim", 64);
        if (rotated % 2 != 0 || rotated > headSize) throw c.Refused("rotary_dim", $"{rotated}", $"an even number up to the {headSize} values of a head");
        return new()
        {
            Family = "gptj",
            Layers = c.Layers(["n_layer", "num_hidden_layers"], 28),
            Hidden = hidden,
            Vocabulary = c.Size("vocab_size", 50400),
            Context = context,
            Norm = NormTrait.Layer(c.Epsilon("layer_norm_epsilon", 1e-5f)),
            Block = BlockTrait.Parallel,
            Positions = new RotaryPositions([new() { Size = rotated, Theta = 10000, Interleaved = true }]),
            Attention = new() { Heads = heads, KeyValueHeads = heads, HeadSize = headSize },
            FeedForward = new() { Size = c.Size("n_inner", 4 * hidden), Activation = ActivationOf(c, "activation_function", "gelu_new"), Bias = true },
            Head = new() { Tied = c.Bool("tie_word_embeddings", false), Bias = true },
        };
    }

    public override WeightNames Weights(ModelConfig config) => new()
    {
        Prefixes = ["transformer.", ""],
        Embedding = "wte",
        FinalNorm = "ln_f",
        Head = "lm_head",
        Layer = "h.{0}.",
        AttentionNorm = "ln_1",
        Query = "attn.q_proj",
        Key = "attn.k_proj",
        Value = "attn.v_proj",
        Output = "attn.out_proj",
        Up = "mlp.fc_in",
        Down = "mlp.fc_out",
        Unused = [.. WeightNames.TaskHeads, ".attn.bias", ".attn.masked_bias", ".attn.embed_positions"],
    };
}
