namespace SkTuning.Models.Families;

/// <summary>
/// ELECTRA, discriminator and generator: BERT with a separate width of the word embeddings. Source: transformers' ElectraConfig, ElectraModel.
/// </summary>
internal sealed class Electra : EncoderFamily
{
    public override IReadOnlyList<string> Names => ["electra"];

    public override ClassifierTrait Classifier => ClassifierTrait.Encoder with { Sequence = SequenceClassifier.Dense, DenseActivation = Activation.Gelu };

    protected override ModelConfig ReadTraits(ConfigJson c)
    {
        var config = ReadBert(c, new(Hidden: 256, Heads: 4, Inner: 1024));
        return config with
        {
            Embedding = config.Embedding with { Size = c.Size("embedding_size", 128), TokenTypes = c.Size("type_vocab_size", 2) },
            // The head uses gelu, whatever the layers use.
            MaskedHead = config.MaskedHead! with { Activation = Activation.Gelu },
        };
    }

    public override WeightNames Weights(ModelConfig config) => BertNames with
    {
        Prefixes = ["electra.", ""],
        EmbeddingProjection = config.Embedding.Size == config.Hidden ? null : "embeddings_project",
        MaskedHeads = [new("generator_predictions.dense", "generator_predictions.LayerNorm", "generator_lm_head.weight", "generator_lm_head.bias")],
        Unused = [.. TaskHeads, .. Both("discriminator_predictions.dense", "discriminator_predictions.dense_prediction", "generator_lm_head")],
    };
}
