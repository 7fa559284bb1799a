namespace SkTuning.Models.Families;

/// <summary>GPT-BigCode (SantaCoder, StarCoder): GPT-2 with plain weights and, as a rule, one key/value head. Source: transformers' GPTBigCodeConfig, GPTBigCodeModel.</summary>
internal sealed class GptBigCode : ModelFamily
{
    public override IReadOnlyList<string> Names => ["gpt_bigcode"];

    public override ClassifierTrait Classifier => ClassifierTrait.DecoderWithTokenClassifier;

    protected override ModelConfig ReadTraits(ConfigJson c)
    {
        var gpt = Gpt2.Of("gpt_bigcode", c, "gelu_pytorch_tanh");
        // attention_softmax_in_fp32 and scale_attention_softmax_in_fp32 change nothing but half precision.
        return gpt with { Attention = gpt.Attention with { Fused = FusedLayout.PerGroup, KeyValueHeads = c.Bool("multi_query", true) ? 1 : gpt.Attention.Heads } };
    }

    public override WeightNames Weights(ModelConfig config) => Gpt2.Named;
}
