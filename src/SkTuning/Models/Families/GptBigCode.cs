namespace SkTuning.Models.Families;

/// <summary>
/// GPT-BigCode (SantaCoder, StarCoder): GPT-2 with weights stored as [out, in] and usually one key/value head. Source: transformers' GPTBigCodeConfig,
/// GPTBigCodeModel.
/// </summary>
internal sealed class GptBigCode : ModelFamily
{
    public override IReadOnlyList<string> Names => ["gpt_bigcode"];

    public override ClassifierTrait Classifier => ClassifierTrait.DecoderWithTokenClassifier;

    protected override ModelConfig ReadTraits(ConfigJson c)
    {
        var gpt = Gpt2.Of("gpt_bigcode", c, "gelu_pytorch_tanh");
        // attention_softmax_in_fp32 and scale_attention_softmax_in_fp32 affect only half precision.
        var groups = c.Bool("multi_query", true) ? 1 : gpt.Attention.Heads;
        return gpt with { Attention = gpt.Attention with { Fused = FusedLayout.PerGroup, KeyValueHeads = groups } };
    }

    public override WeightNames Weights(ModelConfig config) => Gpt2.Named;
}
