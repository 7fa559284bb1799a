namespace SkTuning.Models.Families;

/// <summary>BERT and what was distilled or fine-tuned from it with its layers kept. Source: transformers' BertConfig, BertModel.</summary>
internal sealed class Bert : EncoderFamily
{
    public override IReadOnlyList<string> Names => ["bert"];

    public override ModelConfig Read(ConfigJson c)
    {
        var config = ReadBert(c, new());
        return config with { Embedding = config.Embedding with { TokenTypes = c.Size("type_vocab_size", 2) } };
    }

    public override WeightNames Weights(ModelConfig config) => BertNames with { MaskedHeads = [BertHead], Pooler = "pooler.dense" };
}
