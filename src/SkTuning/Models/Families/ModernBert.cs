namespace SkTuning.Models.Families;

/// <summary>
/// ModernBERT: norms before each part, rotary positions, gated feed-forward. Most layers see only a window, every third sees everything, and each kind has its
/// own rotary base. Source: transformers' ModernBertConfig, ModernBertModel.
/// </summary>
internal sealed class ModernBert : EncoderFamily
{
    private const string Full = "full_attention", Near = "sliding_attention";

    public override IReadOnlyList<string> Names => ["modernbert"];

    protected override ModelConfig ReadTraits(ConfigJson c)
    {
        RefuseWhatEncodersLack(c);
        c.Only("is_causal", c.Bool("is_causal", false), false);
        var (layers, hidden, heads) = (c.Layers("num_hidden_layers", 22), c.Size("hidden_size", 768), c.Size("num_attention_heads", 12));
        var context = c.Size("max_position_embeddings", 8192);
        var (headSize, bias, kinds) = (HeadSize(c, hidden, heads), c.Bool("attention_bias", false), Kinds(c, layers));
        var norm = NormTrait.Layer(c.Epsilon("norm_eps", 1e-5f), c.Bool("norm_bias", false));
        var (everywhere, nearby) = (Rotary(c, Full, headSize, context), Rotary(c, Near, headSize, context));
        // Half of the window on each side.
        var window = c.Size("local_attention", 128) / 2 + 1;
        return new()
        {
            Family = "modernbert",
            Layers = layers,
            Hidden = hidden,
            Vocabulary = c.Size("vocab_size", 50368),
            Context = context,
            Causal = false,
            Norm = norm,
            FirstLayerWithoutNorm = true,
            Positions = new RotaryPositions([.. kinds.Select(k => k == Full ? everywhere : nearby)]),
            Windows = [.. kinds.Select(k => k == Full ? (int?)null : window)],
            Attention = new() { Heads = heads, KeyValueHeads = heads, HeadSize = headSize, Bias = bias, Fused = FusedLayout.Concatenated },
            FeedForward = new()
            {
                Size = c.Size("intermediate_size", 1152), Activation = ActivationOf(c, "hidden_activation", "gelu"), Gated = true, FusedGate = true,
                Bias = c.Bool("mlp_bias", false),
            },
            Embedding = new() { Norm = true },
            MaskedHead = new(ActivationOf(c, "classifier_activation", "gelu"), norm, c.Bool("tie_word_embeddings", true),
                c.Bool("classifier_bias", false), c.Bool("decoder_bias", true)),
        };
    }

    private static string[] Kinds(ConfigJson c, int layers)
    {
        var every = c.Size("global_attn_every_n_layers", 3);
        var kinds = c.Texts("layer_types") ?? [.. Enumerable.Range(0, Math.Min(layers, 1001)).Select(l => l % every == 0 ? Full : Near)];
        if (kinds.FirstOrDefault(k => k is not (Full or Near)) is { } unknown) throw c.Refused("layer_types", $"\"{unknown}\"", $"{Full} or {Near}");
        return kinds;
    }

    /// <summary>Reads the rotary trait of a kind of layer: transformers 5 has a set of parameters for each kind, transformers 4 a key for each base.</summary>
    private static RotaryTrait Rotary(ConfigJson c, string kind, int headSize, int context)
    {
        var theta = c.Double("global_rope_theta", 160000);
        if (kind == Near) theta = c.Find("local_rope_theta") is null && c.Has("global_rope_theta") ? theta : c.Double("local_rope_theta", 10000);
        var sets = RotaryTrait.Parameters(c);
        if (sets is null) return new() { Size = headSize, Theta = theta };
        var own = sets.Inner(kind) ?? throw sets.Refused(kind, "missing", "the rotary parameters of these layers");
        return RotaryTrait.Read(c, own, headSize, context, theta);
    }

    public override WeightNames Weights(ModelConfig config) => new()
    {
        Prefixes = ["model.", ""],
        Embedding = "embeddings.tok_embeddings",
        EmbeddingNorm = "embeddings.norm",
        FinalNorm = "final_norm",
        Layer = "layers.{0}.",
        AttentionNorm = "attn_norm",
        Fused = "attn.Wqkv",
        Output = "attn.Wo",
        FeedForwardNorm = "mlp_norm",
        Gate = "mlp.Wi",
        Down = "mlp.Wo",
        MaskedHeads = [new("head.dense", "head.norm", "decoder.weight", "decoder.bias")],
        // A classifier has the same dense and norm.
        Unused = [.. Both("head.dense", "head.norm", "decoder", "classifier", "qa_outputs"), "rotary_emb.inv_freq"],
    };
}
