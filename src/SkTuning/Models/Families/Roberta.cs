namespace SkTuning.Models.Families;

/// <summary>
/// RoBERTa and XLM-RoBERTa: BERT whose positions are counted from the row after the padding id. Source: transformers' RobertaModel, XLMRobertaModel.
/// </summary>
internal sealed class Roberta : EncoderFamily
{
    public override IReadOnlyList<string> Names => ["roberta", "xlm-roberta"];

    public override ClassifierTrait Classifier => ClassifierTrait.Encoder with { Sequence = SequenceClassifier.Dense };

    protected override ModelConfig ReadTraits(ConfigJson c)
    {
        // The default of RoBERTa is its own vocabulary; that of XLM-RoBERTa is BERT's.
        var config = ReadBert(c, new(Vocabulary: c.Text("model_type") == "roberta" ? 50265 : 30522));
        var padding = c.Int("pad_token_id", 1);
        if (padding < 0 || padding >= config.Vocabulary) throw c.Refused("pad_token_id", $"{padding}", $"an id below vocab_size {config.Vocabulary}");
        return CountedAfter(config, padding) with
        {
            Embedding = config.Embedding with { TokenTypes = c.Size("type_vocab_size", 2) },
            // The head uses gelu, whatever the layers use.
            MaskedHead = config.MaskedHead! with { Activation = Activation.Gelu },
        };
    }

    public override WeightNames Weights(ModelConfig config) => BertNames with { Prefixes = ["roberta.", ""], MaskedHeads = [RobertaHead] };
}
