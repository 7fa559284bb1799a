namespace SkTuning.Models.Families;

/// <summary>The common parts of BERT and the encoders that follow it: the layer, the keys of the config, and the heads that a checkpoint may hold.</summary>
internal abstract class EncoderFamily : ModelFamily
{
    public override ClassifierTrait Classifier => ClassifierTrait.Encoder;

    /// <summary>The values that a family uses for missing keys of config.json.</summary>
    protected sealed record Defaults(
        int Vocabulary = 30522, int Hidden = 768, int Layers = 12, int Heads = 12, int Inner = 3072, int Rows = 512, string Activation = "gelu");

    /// <summary>Reads BERT's traits from BERT's keys.</summary>
    protected static ModelConfig ReadBert(ConfigJson c, Defaults d, float epsilon = 1e-12f)
    {
        RefuseWhatEncodersLack(c);
        var (hidden, heads) = (c.Size("hidden_size", d.Hidden), c.Size("num_attention_heads", d.Heads));
        var (rows, activation) = (c.Size("max_position_embeddings", d.Rows), ActivationOf(c, "hidden_act", d.Activation));
        var norm = NormTrait.Layer(c.Epsilon("layer_norm_eps", epsilon));
        return new()
        {
            Family = c.Text("model_type"),
            Layers = c.Layers("num_hidden_layers", d.Layers),
            Hidden = hidden,
            Vocabulary = c.Size("vocab_size", d.Vocabulary),
            Context = rows,
            Causal = false,
            Norm = norm,
            Block = BlockTrait.NormAfter,
            FinalNorm = false,
            Positions = new LearnedPositions(rows),
            Attention = new() { Heads = heads, KeyValueHeads = heads, HeadSize = HeadSize(c, hidden, heads), Bias = true },
            FeedForward = new() { Size = c.Size("intermediate_size", d.Inner), Activation = activation, Bias = true },
            Embedding = new() { Norm = true },
            MaskedHead = new(activation, norm, Tied: c.Bool("tie_word_embeddings", true)),
        };
    }

    /// <summary>Refuses settings that turn an encoder into another kind of model.</summary>
    protected static void RefuseWhatEncodersLack(ConfigJson c)
    {
        c.Only("is_decoder", c.Bool("is_decoder", false), false);
        c.Only("add_cross_attention", c.Bool("add_cross_attention", false), false);
        c.Only("position_embedding_type", c.Text("position_embedding_type", "absolute"), "absolute");
        if (c.Find("pruned_heads") is { ValueKind: System.Text.Json.JsonValueKind.Object } pruned && pruned.EnumerateObject().Any())
            throw c.Refused("pruned_heads", "heads of some layers", "none", "Save the model with all its heads.");
    }

    /// <summary>Returns the traits with position 0 in the row after that of the padding id.</summary>
    protected static ModelConfig CountedAfter(ModelConfig config, int paddingId)
    {
        var rows = ((LearnedPositions)config.Positions).Rows;
        return config with { Positions = new LearnedPositions(rows, paddingId + 1), Context = Math.Max(1, rows - paddingId - 1) };
    }

    /// <summary>BERT's names after its prefix.</summary>
    protected static WeightNames BertNames { get; } = new()
    {
        Prefixes = ["bert.", ""],
        Embedding = "embeddings.word_embeddings",
        Positions = "embeddings.position_embeddings",
        TokenTypes = "embeddings.token_type_embeddings",
        EmbeddingNorm = "embeddings.LayerNorm",
        Layer = "encoder.layer.{0}.",
        Query = "attention.self.query",
        Key = "attention.self.key",
        Value = "attention.self.value",
        Output = "attention.output.dense",
        AttentionNorm = "attention.output.LayerNorm",
        Up = "intermediate.dense",
        Down = "output.dense",
        FeedForwardNorm = "output.LayerNorm",
        Unused = TaskHeads,
    };

    /// <summary>BERT's masked-LM head.</summary>
    protected static MaskedHeadNames BertHead { get; } =
        new("cls.predictions.transform.dense", "cls.predictions.transform.LayerNorm", "cls.predictions.decoder.weight",
            "cls.predictions.bias", "cls.predictions.decoder.bias");

    /// <summary>RoBERTa's masked-LM head.</summary>
    protected static MaskedHeadNames RobertaHead { get; } =
        new("lm_head.dense", "lm_head.layer_norm", "lm_head.decoder.weight", "lm_head.bias", "lm_head.decoder.bias");

    /// <summary>Buffers, poolers, heads of other tasks, and tensors of a masked-LM head that repeat the embeddings.</summary>
    protected static string[] TaskHeads =>
    [
        "embeddings.position_ids", "embeddings.token_type_ids", .. Both("pooler.dense", "cls.seq_relationship", "cls.predictions.decoder", "lm_head.decoder",
            "classifier", "classifier.dense", "classifier.out_proj", "qa_outputs"),
    ];

    /// <summary>Returns the names of the weight and the bias of linears.</summary>
    protected static IEnumerable<string> Both(params string[] names) => names.SelectMany(n => (string[])[n + ".weight", n + ".bias"]);
}
