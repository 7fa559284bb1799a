namespace SkTuning.Models.Families;

/// <summary>ALBERT: narrow word embeddings, and a few sets of weights that many layers share. Source: transformers' AlbertConfig, AlbertTransformer.</summary>
internal sealed class Albert : EncoderFamily
{
    public override IReadOnlyList<string> Names => ["albert"];

    public override ClassifierTrait Classifier => ClassifierTrait.Encoder with { Sequence = SequenceClassifier.Pooler };

    protected override ModelConfig ReadTraits(ConfigJson c)
    {
        var config = ReadBert(c, new(30000, 4096, 12, 64, 16384, 512, "gelu_new"));
        var (groups, inner) = (c.Size("num_hidden_groups", 1), c.Size("inner_group_num", 1));
        if (groups > config.Layers) throw c.Refused("num_hidden_groups", $"{groups}", $"at most num_hidden_layers {config.Layers}");
        if ((long)config.Layers * inner > 1000)
            throw c.Refused("inner_group_num", $"{inner}", $"at most 1000 layers together with num_hidden_layers {config.Layers}");
        return config with
        {
            // A "layer" of the config runs all inner layers of its group.
            Layers = config.Layers * inner,
            Embedding = config.Embedding with { Size = c.Size("embedding_size", 128), TokenTypes = c.Size("type_vocab_size", 2) },
            SharedLayers = new(groups, inner),
        };
    }

    public override WeightNames Weights(ModelConfig config) => BertNames with
    {
        Prefixes = ["albert.", ""],
        EmbeddingProjection = "encoder.embedding_hidden_mapping_in",
        Layers = [.. Enumerable.Range(0, config.Layers).Select(l => Layer(l, config.Layers, config.SharedLayers!))],
        Pooler = "pooler",
        Query = "attention.query",
        Key = "attention.key",
        Value = "attention.value",
        Output = "attention.dense",
        AttentionNorm = "attention.LayerNorm",
        Up = "ffn",
        Down = "ffn_output",
        FeedForwardNorm = "full_layer_layer_norm",
        MaskedHeads = [new("predictions.dense", "predictions.LayerNorm", "predictions.decoder.weight", "predictions.bias", "predictions.decoder.bias")],
        Unused = [.. TaskHeads, .. Both("pooler", "predictions.decoder", "sop_classifier.classifier")],
    };

    private static string Layer(int layer, int layers, SharedLayersTrait shared)
    {
        // If the layers are not a multiple of the groups, the first groups serve more layers, as in the original.
        var group = (int)(layer / shared.Inner / ((double)layers / shared.Inner / shared.Groups));
        return $"encoder.albert_layer_groups.{group}.albert_layers.{layer % shared.Inner}.";
    }
}
