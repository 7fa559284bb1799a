namespace SkTuning.Models.Families;

/// <summary>MPNet: BERT without token types, with a learned bias for distances that all layers share. Source: transformers' MPNetConfig, MPNetModel.</summary>
internal sealed class MpNet : EncoderFamily
{
    /// <summary>transformers uses this many buckets up to this distance, regardless of the number of rows in the table.</summary>
    private const int Buckets = 32, Farthest = 128;

    /// <summary>The row before position 0, whatever pad_token_id says: the original code has this constant.</summary>
    private const int PaddingRow = 1;

    public override IReadOnlyList<string> Names => ["mpnet"];

    public override ClassifierTrait Classifier => ClassifierTrait.Encoder with { Sequence = SequenceClassifier.Dense };

    protected override ModelConfig ReadTraits(ConfigJson c)
    {
        var config = ReadBert(c, new(30527));
        var rows = c.Size("relative_attention_num_buckets", Buckets);
        if (rows < Buckets || rows > 1 << 16) throw c.Refused("relative_attention_num_buckets", $"{rows}", $"from {Buckets} to {1 << 16}");
        return CountedAfter(config, PaddingRow) with
        {
            Attention = config.Attention with { RelativeBuckets = new(rows, Buckets, Farthest) },
            // The head uses gelu, whatever the layers use.
            MaskedHead = config.MaskedHead! with { Activation = Activation.Gelu },
        };
    }

    public override WeightNames Weights(ModelConfig config) => BertNames with
    {
        Prefixes = ["mpnet.", ""],
        Query = "attention.attn.q",
        Key = "attention.attn.k",
        Value = "attention.attn.v",
        Output = "attention.attn.o",
        AttentionNorm = "attention.LayerNorm",
        RelativeBias = "encoder.relative_attention_bias",
        MaskedHeads = [RobertaHead],
    };
}
