using System.Text.Json;
using SkTuning.Models.Gguf;

namespace SkTuning.Models.Families;

/// <summary>BERT, and models with its layers that were distilled or fine-tuned from it. Source: transformers' BertConfig, BertModel.</summary>
internal sealed class Bert : EncoderFamily
{
    public override IReadOnlyList<string> Names => ["bert"];

    public override ClassifierTrait Classifier => ClassifierTrait.Encoder with { Sequence = SequenceClassifier.Pooler };

    protected override ModelConfig ReadTraits(ConfigJson c)
    {
        var config = ReadBert(c, new());
        return config with { Embedding = config.Embedding with { TokenTypes = c.Size("type_vocab_size", 2) } };
    }

    public override WeightNames Weights(ModelConfig config) => BertNames with { MaskedHeads = [BertHead], Pooler = "pooler.dense" };

    /// <summary>
    /// BERT, and also RoBERTa and XLM-RoBERTa, whose first positions (those of padding) the converter cut off: the remaining table counts positions from 0, as
    /// BERT's does. The file has neither pooler nor masked-LM head.
    /// </summary>
    public override GgufArchitecture Gguf => new("bert")
    {
        Weights = BertNames with { Prefixes = [""], AttentionNorm = null, FeedForwardNorm = null },
        OtherNames = static _ => new Dictionary<string, string>
        {
            ["attn_output_norm"] = BertNames.AttentionNorm!, ["layer_output_norm"] = BertNames.FeedForwardNorm!,
        },
        // The head of a classifier; this library trains its own.
        UnusedPrefix = "cls.",
        WriteConfig = WriteGgufConfig,
    };

    private static void WriteGgufConfig(Utf8JsonWriter json, GgufSettings settings)
    {
        if (settings.BoolOrNull("attention.causal") == true) throw settings.Bad("attention.causal", "true", "an encoder");
        settings.WriteShared(json, "bert");
        json.WriteNumber("hidden_size", settings.Hidden);
        json.WriteNumber("num_hidden_layers", settings.Layers);
        json.WriteNumber("num_attention_heads", settings.Heads);
        json.WriteNumber("intermediate_size", settings.FeedForward);
        json.WriteNumber("max_position_embeddings", Rows("position_embd.weight"));
        json.WriteNumber("type_vocab_size", Rows("token_types.weight"));
        json.WriteNumber("layer_norm_eps", settings.Float("attention.layer_norm_epsilon"));
        json.WriteString("hidden_act", "gelu");

        long Rows(string name) => settings.File.Tensors.TryGetValue(name, out var tensor) && tensor.Shape.Length == 2
            ? tensor.Shape[0] : throw SkTuningException.BadFile(settings.File.Path, name, tensor?.ShapeText ?? "missing", "embeddings, [rows, size]");
    }
}
