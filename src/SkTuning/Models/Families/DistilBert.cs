namespace SkTuning.Models.Families;

/// <summary>DistilBERT: BERT without token types, with its own keys and names. Source: transformers' DistilBertConfig, DistilBertModel.</summary>
internal sealed class DistilBert : EncoderFamily
{
    public override IReadOnlyList<string> Names => ["distilbert"];

    protected override ModelConfig ReadTraits(ConfigJson c)
    {
        RefuseWhatEncodersLack(c);
        var (hidden, heads, rows) = (c.Size("dim", 768), c.Size("n_heads", 12), c.Size("max_position_embeddings", 512));
        if (hidden % heads != 0) throw c.Refused("n_heads", $"{heads}", $"a divisor of dim {hidden}");
        var activation = ActivationOf(c, "activation", "gelu");
        // The code has this epsilon; the config has no key for it.
        var norm = NormTrait.Layer(1e-12f);
        return new()
        {
            Family = "distilbert",
            Layers = c.Layers("n_layers", 6),
            Hidden = hidden,
            Vocabulary = c.Size("vocab_size", 30522),
            Context = rows,
            Causal = false,
            Norm = norm,
            Block = BlockTrait.NormAfter,
            FinalNorm = false,
            Positions = new LearnedPositions(rows),
            Attention = new() { Heads = heads, KeyValueHeads = heads, HeadSize = hidden / heads, Bias = true },
            FeedForward = new() { Size = c.Size("hidden_dim", 3072), Activation = activation, Bias = true },
            Embedding = new() { Norm = true },
            MaskedHead = new(activation, norm, Tied: c.Bool("tie_word_embeddings", true)),
        };
    }

    public override WeightNames Weights(ModelConfig config) => BertNames with
    {
        Prefixes = ["distilbert.", ""],
        Layer = "transformer.layer.{0}.",
        Query = "attention.q_lin",
        Key = "attention.k_lin",
        Value = "attention.v_lin",
        Output = "attention.out_lin",
        AttentionNorm = "sa_layer_norm",
        Up = "ffn.lin1",
        Down = "ffn.lin2",
        FeedForwardNorm = "output_layer_norm",
        MaskedHeads = [new("vocab_transform", "vocab_layer_norm", "vocab_projector.weight", "vocab_projector.bias")],
        Unused = [.. TaskHeads, "vocab_projector.weight", .. Both("pre_classifier")],
    };
}
