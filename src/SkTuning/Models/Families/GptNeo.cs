using System.Text.Json;

namespace SkTuning.Models.Families;

/// <summary>GPT-Neo: layers alternate between all positions and a window; scores are not scaled. Source: transformers' GPTNeoConfig, GPTNeoModel.</summary>
internal sealed class GptNeo : ModelFamily
{
    public override IReadOnlyList<string> Names => ["gpt_neo"];

    public override ClassifierTrait Classifier => ClassifierTrait.DecoderWithTokenClassifier;

    protected override ModelConfig ReadTraits(ConfigJson c)
    {
        var (hidden, heads, context) = (c.Size("hidden_size", 2048), c.Size(["num_heads", "num_attention_heads"], 16), c.Size("max_position_embeddings", 2048));
        var layers = c.Layers(["num_layers", "num_hidden_layers"], 24);
        var (kinds, window) = (Kinds(c, layers), c.Size("window_size", 256));
        return new()
        {
            Family = "gpt_neo",
            Layers = layers,
            Hidden = hidden,
            Vocabulary = c.Size("vocab_size", 50257),
            Context = context,
            Norm = NormTrait.Layer(c.Epsilon("layer_norm_epsilon", 1e-5f)),
            Positions = new LearnedPositions(context),
            Windows = kinds.Contains("local") ? [.. kinds.Select(k => k == "local" ? window : (int?)null)] : null,
            Attention = new() { Heads = heads, KeyValueHeads = heads, HeadSize = c.Share(hidden, heads), Scale = 1, OutputBias = true },
            FeedForward = new()
            {
                Size = c.Size("intermediate_size", 4 * hidden), Activation = ActivationOf(c, "activation_function", "gelu_new"), Bias = true,
            },
            Head = new() { Tied = c.Bool("tie_word_embeddings", true) },
        };
    }

    public override WeightNames Weights(ModelConfig config) => Gpt2.Named with
    {
        Fused = null,
        Query = "attn.attention.q_proj",
        Key = "attn.attention.k_proj",
        Value = "attn.attention.v_proj",
        Output = "attn.attention.out_proj",
        Unused = [.. WeightNames.TaskHeads, ".attn.attention.bias", ".attn.attention.masked_bias"],
    };

    /// <summary>
    /// Reads <c>attention_types</c>: [[["global", "local"], 12]] means these two, twelve times. transformers derives <c>attention_layers</c> from it.
    /// </summary>
    private static string[] Kinds(ConfigJson c, int layers)
    {
        var kinds = new List<string>();
        if (c.Find("attention_types") is not { } types) kinds.AddRange(Enumerable.Range(0, layers).Select(l => l % 2 == 0 ? "global" : "local"));
        else
            foreach (var group in Items(types))
            {
                if (Items(group) is not [var names, { ValueKind: JsonValueKind.Number } times]
                    || !times.TryGetInt32(out var count) || count < 0 || count > layers) throw Bad();
                var texts = Items(names).Select(n => ConfigJson.TextOf(n) ?? throw Bad()).ToList();
                for (var i = 0; i < count; i++) kinds.AddRange(texts);
            }
        if (kinds.Count != layers || kinds.Any(k => k is not ("global" or "local"))) throw Bad();
        return [.. kinds];

        JsonElement[] Items(JsonElement e) => e.ValueKind == JsonValueKind.Array && e.GetArrayLength() <= layers + 2 ? [.. e.EnumerateArray()] : throw Bad();
        SkTuningException Bad() => c.Refused("attention_types", "another list",
            $"lists such as [[\"global\", \"local\"], 12] that name global or local for each of the {layers} layers");
    }
}
