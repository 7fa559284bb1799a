namespace SkTuning.Models.Families;

/// <summary>MPT: ALiBi, no biases anywhere. Source: transformers' MptConfig, MptModel.</summary>
internal sealed class Mpt : ModelFamily
{
    public override IReadOnlyList<string> Names => ["mpt"];

    public override ClassifierTrait Classifier => ClassifierTrait.DecoderWithTokenClassifier;

    protected override ModelConfig ReadTraits(ConfigJson c)
    {
        var attention = c.Inner("attn_config") ?? c;
        // transformers ignores these settings: it always computes ALiBi with 8 and no query/key norm. A model that needs other values would be wrong there too.
        attention.Only("alibi", attention.Bool("alibi", true), true);
        attention.Only("alibi_bias_max", attention.Double("alibi_bias_max", 8), 8.0);
        attention.Only("qk_ln", attention.Bool("qk_ln", false), false);
        attention.Only("prefix_lm", attention.Bool("prefix_lm", false), false);
        attention.Only("attn_uses_sequence_id", attention.Bool("attn_uses_sequence_id", false), false);
        attention.Only("attn_type", attention.Text("attn_type", "multihead_attention"), "multihead_attention");
        if (c.Has("logit_scale")) throw c.Refused("logit_scale", "set", "null", "transformers does not apply it.");
        var (hidden, heads) = (c.Size(["d_model", "hidden_size"], 2048), c.Size(["n_heads", "num_attention_heads"], 16));
        float? scale = attention.Has("softmax_scale") ? attention.Factor("softmax_scale", 1) : null;
        return new()
        {
            Family = "mpt",
            Layers = c.Layers(["n_layers", "num_hidden_layers"], 24),
            Hidden = hidden,
            Vocabulary = c.Size("vocab_size", 50368),
            Context = c.Size("max_seq_len", 2048),
            // no_bias is not read: transformers has no biases here, and biases in a checkpoint are refused by name.
            Norm = NormTrait.Layer(c.Epsilon("layer_norm_epsilon", 1e-5f), bias: false),
            Positions = new AlibiPositions(),
            Attention = new()
            {
                Heads = heads, KeyValueHeads = heads, HeadSize = c.Share(hidden, heads), Fused = FusedLayout.Concatenated, Scale = scale,
                Clip = attention.Limit("clip_qkv"),
            },
            FeedForward = new() { Size = c.Size("expansion_ratio", 4) * hidden, Activation = Activation.Gelu },
            Head = new() { Tied = c.Bool("tie_word_embeddings", true) },
        };
    }

    public override WeightNames Weights(ModelConfig config) => new()
    {
        Prefixes = ["transformer.", ""],
        Embedding = "wte",
        FinalNorm = "norm_f",
        Head = "lm_head",
        Layer = "blocks.{0}.",
        AttentionNorm = "norm_1",
        Fused = "attn.Wqkv",
        Output = "attn.out_proj",
        FeedForwardNorm = "norm_2",
        Up = "ffn.up_proj",
        Down = "ffn.down_proj",
        Unused = WeightNames.TaskHeads,
    };
}
