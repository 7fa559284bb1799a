using SkTuning.Models.Gguf;

namespace SkTuning.Models.Families;

/// <summary>
/// Falcon in its three variants: one key/value head and one norm (7b), key/value groups and two norms (40b, new_decoder_architecture), and the models with
/// ALiBi (rw). Source: transformers' FalconConfig, FalconModel.
/// </summary>
internal sealed class Falcon : ModelFamily
{
    public override IReadOnlyList<string> Names => ["falcon"];

    public override ClassifierTrait Classifier => ClassifierTrait.DecoderWithTokenClassifier with { PeftPrefixForEveryHead = true };

    protected override ModelConfig ReadTraits(ConfigJson c)
    {
        var (hidden, heads) = (c.Size(["n_embed", "hidden_size"], 4544), c.Size(["num_attention_heads", "n_head"], 71));
        var context = c.Size("max_position_embeddings", 2048);
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
            Norm = NormTrait.Layer(c.Epsilon("layer_norm_epsilon", 1e-5f)),
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

    public override WeightNames Weights(ModelConfig config) => config switch
    {
        { TwoNorms: true } => Named with { AttentionNorm = "ln_attn", FeedForwardNorm = "ln_mlp" },
        { Block: BlockTrait.Parallel } => Named,
        _ => Named with { FeedForwardNorm = "post_attention_layernorm" },
    };

    /// <summary>The names of a model whose one norm serves attention and feed-forward.</summary>
    private static WeightNames Named { get; } = new()
    {
        Prefixes = ["transformer.", ""],
        Embedding = "word_embeddings",
        FinalNorm = "ln_f",
        Head = "lm_head",
        Layer = "h.{0}.",
        AttentionNorm = "input_layernorm",
        Fused = "self_attention.query_key_value",
        Output = "self_attention.dense",
        Up = "mlp.dense_h_to_4h",
        Down = "mlp.dense_4h_to_h",
        Unused = [.. WeightNames.TaskHeads, "rotary_emb.inv_freq", "maybe_rotary.inv_freq"],
    };

    /// <summary>Queries, keys and values are fused by group. A file with two norms before the block is the 40b variant.</summary>
    public override GgufArchitecture Gguf => new("falcon")
    {
        Weights = Named,
        OtherNames = static settings => HasTwoNorms(settings)
            ? new Dictionary<string, string> { ["attn_norm"] = "ln_mlp", ["attn_norm_2"] = "ln_attn" } : [],
        Change = static (part, tensor, settings) => part == "attn_qkv"
            ? TensorChange.FusedByGroup(tensor, settings.Heads, settings.KeyValueHeads, settings) : TensorChange.None,
        WriteConfig = static (json, settings) =>
        {
            // One key for all heads is written as the old architecture, anything else as the new one, which has the same rows.
            var grouped = settings.KeyValueHeads > 1 || HasTwoNorms(settings);
            settings.WriteShared(json, "falcon");
            json.WriteNumber("hidden_size", settings.Hidden);
            json.WriteNumber("num_hidden_layers", settings.Layers);
            json.WriteNumber("num_attention_heads", settings.Heads);
            json.WriteNumber("num_kv_heads", settings.KeyValueHeads);
            json.WriteNumber("ffn_hidden_size", settings.FeedForward);
            json.WriteNumber("max_position_embeddings", settings.Context);
            json.WriteNumber("layer_norm_epsilon", settings.Float("attention.layer_norm_epsilon"));
            json.WriteString("activation", "gelu");
            json.WriteBoolean("alibi", false);
            json.WriteBoolean("bias", settings.LayerHas("attn_qkv.bias"));
            json.WriteBoolean("parallel_attn", true);
            json.WriteBoolean("multi_query", true);
            json.WriteBoolean("new_decoder_architecture", grouped);
            if (grouped) json.WriteNumber("num_ln_in_parallel_attn", HasTwoNorms(settings) ? 2 : 1);
            RotarySettings.Write(json, settings);
        },
    };

    private static bool HasTwoNorms(GgufSettings settings) => settings.LayerHas("attn_norm_2.weight");
}
