using SkTuning.Models.Gguf;

namespace SkTuning.Models.Families;

/// <summary>BLOOM: ALiBi, a norm after the embeddings. Source: transformers' BloomConfig, BloomModel.</summary>
internal sealed class Bloom : ModelFamily
{
    public override IReadOnlyList<string> Names => ["bloom"];

    public override ClassifierTrait Classifier => ClassifierTrait.DecoderWithTokenClassifier with { AuthorsDropWords = false };

    protected override ModelConfig ReadTraits(ConfigJson c)
    {
        // n_embed is the older name and takes precedence if both exist.
        var (hidden, heads) = (c.Size(["n_embed", "hidden_size"], 64), c.Size(["n_head", "num_attention_heads"], 8));
        return new()
        {
            Family = "bloom",
            Layers = c.Layers(["n_layer", "num_hidden_layers"], 2),
            Hidden = hidden,
            Vocabulary = c.Size("vocab_size", 250880),
            // ALiBi has no limit; the models were trained with this length.
            Context = c.Size("seq_length", 2048),
            Norm = NormTrait.Layer(c.Epsilon("layer_norm_epsilon", 1e-5f)),
            ResidualFromNorm = c.Bool("apply_residual_connection_post_layernorm", false),
            Embedding = new() { Norm = true },
            Positions = new AlibiPositions(),
            Attention = new() { Heads = heads, KeyValueHeads = heads, HeadSize = c.Share(hidden, heads), Fused = FusedLayout.PerGroup, Bias = true },
            FeedForward = new() { Size = 4 * hidden, Activation = Activation.GeluTanh, Bias = true },
            Head = new() { Tied = c.Bool("tie_word_embeddings", true) },
        };
    }

    public override WeightNames Weights(ModelConfig config) => Named;

    private static WeightNames Named { get; } = new()
    {
        Prefixes = ["transformer.", ""],
        Embedding = "word_embeddings",
        EmbeddingNorm = "word_embeddings_layernorm",
        FinalNorm = "ln_f",
        Head = "lm_head",
        Layer = "h.{0}.",
        AttentionNorm = "input_layernorm",
        Fused = "self_attention.query_key_value",
        Output = "self_attention.dense",
        FeedForwardNorm = "post_attention_layernorm",
        Up = "mlp.dense_h_to_4h",
        Down = "mlp.dense_4h_to_h",
        Unused = WeightNames.TaskHeads,
    };

    /// <summary>The checkpoint has query, key and value of each head together; the file has all queries, then all keys, then all values.</summary>
    public override GgufArchitecture Gguf => new("bloom")
    {
        Weights = Named,
        Change = static (part, tensor, settings) => part == "attn_qkv"
            ? TensorChange.FusedByGroup(tensor, settings.Heads, settings.Heads, settings) : TensorChange.None,
        WriteConfig = static (json, settings) =>
        {
            settings.WriteShared(json, "bloom");
            json.WriteNumber("hidden_size", settings.Hidden);
            json.WriteNumber("n_layer", settings.Layers);
            json.WriteNumber("n_head", settings.Heads);
            json.WriteNumber("layer_norm_epsilon", settings.Float("attention.layer_norm_epsilon"));
            json.WriteBoolean("apply_residual_connection_post_layernorm", false);
        },
    };
}
