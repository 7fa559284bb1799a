using System.Text.Json;

namespace SkTuning.Models.Families;

/// <summary>
/// DeBERTa v2 and v3 (the same model_type): BERT whose scores also compare contents with distances. Source: transformers' DebertaV2Config, DebertaV2Model. A
/// prefix has positions 0 to P-1, so its distances are those of a text in its place.
/// </summary>
internal sealed class DebertaV2 : EncoderFamily
{
    public override IReadOnlyList<string> Names => ["deberta-v2"];

    protected override ModelConfig ReadTraits(ConfigJson c)
    {
        var config = ReadBert(c, new(128100, 1536, 24, 24, 6144), 1e-7f);
        var (a, terms) = (config.Attention, c.Find("pos_att_type") is null ? [] : Words(c, "pos_att_type"));
        if (terms.FirstOrDefault(t => t is not ("c2p" or "p2c")) is { } unknown) throw c.Refused("pos_att_type", $"\"{unknown}\"", "c2p and p2c");
        if (c.Has("attention_head_size")) c.Only("attention_head_size", c.Size("attention_head_size"), a.HeadSize);
        return config with
        {
            Attention = a with
            {
                Scale = 1 / MathF.Sqrt(a.HeadSize * (1 + terms.Length)),
                Disentangled = c.Bool("relative_attention", false) && terms.Length > 0 ? ReadTerms(c, config.Context, terms) : null,
            },
            Positions = c.Bool("position_biased_input", true) ? config.Positions : new NoPositions(),
            Embedding = new()
            {
                Norm = true,
                NormAfterProjection = true,
                Size = c.Size("embedding_size", config.Hidden),
                TokenTypes = c.Int("type_vocab_size", 0) == 0 ? 0 : c.Size("type_vocab_size"),
            },
            Convolution = c.Int("conv_kernel_size", 0) > 0 ? ReadConvolution(c, config.Hidden) : null,
            LegacyHeadFirst = c.Bool("legacy", true),
        };
    }

    private static DisentangledTrait ReadTerms(ConfigJson c, int context, string[] terms)
    {
        var (farthest, buckets) = (c.Int("max_relative_positions", -1), c.Int("position_buckets", -1));
        if (farthest < 1) farthest = context;
        var span = buckets > 0 ? buckets : farthest;
        if (span > 1 << 20) throw c.Refused(buckets > 0 ? "position_buckets" : "max_relative_positions", $"{span}", $"at most {1 << 20}");
        if (buckets > 0 && (buckets < 2 || farthest - 1 <= buckets / 2))
            throw c.Refused("position_buckets", $"{buckets}", $"from 2 to about twice the {farthest} distances");
        return new()
        {
            Span = span,
            LogarithmicUpTo = buckets > 0 ? farthest : null,
            ContentToPosition = terms.Contains("c2p"),
            PositionToContent = terms.Contains("p2c"),
            SharedProjections = c.Bool("share_att_key", false),
            Norm = c.Has("norm_rel_ebd") && Words(c, "norm_rel_ebd").Contains("layer_norm"),
        };
    }

    private static ConvolutionTrait ReadConvolution(ConfigJson c, int hidden)
    {
        var (kernel, groups) = (c.Size("conv_kernel_size"), c.Size("conv_groups", 1));
        if (kernel % 2 == 0 || kernel > 1025) throw c.Refused("conv_kernel_size", $"{kernel}", "an odd number up to 1025");
        if (hidden % groups != 0) throw c.Refused("conv_groups", $"{groups}", $"a divisor of hidden_size {hidden}");
        return new(kernel, groups, ActivationOf(c, "conv_act", "tanh"));
    }

    /// <summary>Reads a list of texts, or a text with bars between words.</summary>
    private static string[] Words(ConfigJson c, string key)
    {
        var words = c.Find(key) is { ValueKind: JsonValueKind.Array } ? c.Texts(key)! : c.Text(key).Split('|');
        return [.. words.Select(w => w.Trim().ToLowerInvariant()).Where(w => w.Length > 0).Distinct()];
    }

    private static readonly MaskedHeadNames NewHead =
        new("lm_predictions.lm_head.dense", "lm_predictions.lm_head.LayerNorm", "", "lm_predictions.lm_head.bias");

    public override WeightNames Weights(ModelConfig config) => BertNames with
    {
        Prefixes = ["deberta.", ""],
        EmbeddingProjection = config.Embedding.Size == config.Hidden ? null : "embeddings.embed_proj",
        Query = "attention.self.query_proj",
        Key = "attention.self.key_proj",
        Value = "attention.self.value_proj",
        Distances = "encoder.rel_embeddings",
        DistanceNorm = "encoder.LayerNorm",
        DistanceKey = "attention.self.pos_key_proj",
        DistanceQuery = "attention.self.pos_query_proj",
        Convolution = "encoder.conv.conv",
        ConvolutionNorm = "encoder.conv.LayerNorm",
        MaskedHeads = config.LegacyHeadFirst ? [BertHead, NewHead] : [NewHead, BertHead],
        // Tensors of v3's pretraining, and distances that nothing is compared with.
        Unused = [.. TaskHeads, "embeddings.position_embeddings.weight", "lm_predictions.lm_head.bias", "cls.predictions.bias", "encoder.rel_embeddings.weight",
            .. Both("encoder.LayerNorm", "mask_predictions.dense", "mask_predictions.LayerNorm", "mask_predictions.classifier"),
            .. Both(BertHead.Dense, BertHead.Norm, NewHead.Dense, NewHead.Norm)],
    };
}
