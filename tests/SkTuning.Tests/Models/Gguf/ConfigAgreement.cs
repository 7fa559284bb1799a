using System.Text.Json;

namespace SkTuning.Tests.Models.Gguf;

/// <summary>Checks that a derived config agrees with the model's config.json in every setting that affects states.</summary>
internal static class ConfigAgreement
{
    /// <summary>Settings of training, bookkeeping and token ids (which belong to the tokenizer). No hidden state depends on them.</summary>
    private static readonly HashSet<string> NotOfTheModel =
    [
        "architectures", "transformers_version", "dtype", "torch_dtype", "initializer_range", "use_cache", "bos_token_id", "eos_token_id", "pad_token_id",
        "pretraining_tp",
        "add_cross_attention", "is_decoder", "classifier_dropout", "scale_attn_by_inverse_layer_idx", "scale_attn_weights", "reorder_and_upcast_attn",
        "slow_but_exact",
        "max_window_layers", "use_bidirectional_attention", "_sliding_window_pattern",
    ];

    public static void Check(JsonElement expected, JsonElement actual, string what, string[] except)
    {
        foreach (var item in expected.EnumerateObject())
        {
            if (NotOfTheModel.Contains(item.Name) || except.Contains(item.Name) || item.Name.Contains("dropout") || item.Name.Contains("pdrop")
                || item.Name.StartsWith("summary_", StringComparison.Ordinal)) continue;
            if (actual.TryGetProperty(item.Name, out var found))
                Assert.True(Same(item.Value, found, what, item.Name) || Equivalent(item.Name, found, expected),
                    $"{what}: {item.Name} is {found.GetRawText()}, config.json has {item.Value.GetRawText()}");
            else
                Assert.True(MayBeMissing(item.Name, item.Value), $"{what}: {item.Name} is missing, config.json has {item.Value.GetRawText()}");
        }
    }

    private static bool Same(JsonElement a, JsonElement b, string what, string name)
    {
        if (a.ValueKind == JsonValueKind.Object && b.ValueKind == JsonValueKind.Object) { Check(a, b, $"{what}: {name}", []); return true; }
        if (a.ValueKind == JsonValueKind.Number && b.ValueKind == JsonValueKind.Number)
            return Math.Abs(a.GetDouble() - b.GetDouble()) <= 1e-6 * Math.Abs(a.GetDouble());
        if (a.ValueKind == JsonValueKind.Array && b.ValueKind == JsonValueKind.Array)
            return a.EnumerateArray().Select(x => x.GetRawText()).SequenceEqual(b.EnumerateArray().Select(x => x.GetRawText()));
        return a.GetRawText() == b.GetRawText();
    }

    private static bool Equivalent(string name, JsonElement found, JsonElement expected) => name switch
    {
        // In GPT-2, null means four times the width.
        "n_inner" => found.GetInt32() == 4 * expected.GetProperty("n_embd").GetInt32(),
        // The old decoder with one key for all heads ignores it.
        "num_kv_heads" => found.GetInt32() == 1 && !expected.GetProperty("new_decoder_architecture").GetBoolean()
            && expected.GetProperty("multi_query").GetBoolean(),
        // Used with longrope only.
        "original_max_position_embeddings" => expected.GetProperty("rope_parameters").GetProperty("rope_type").GetString() == "default",
        _ => false,
    };

    /// <summary>Returns whether a setting may be missing: null, or transformers' default for a missing key.</summary>
    private static bool MayBeMissing(string name, JsonElement value) => value.ValueKind == JsonValueKind.Null || name switch
    {
        "layer_types" => value.EnumerateArray().All(t => t.GetString() == "full_attention"),
        "partial_rotary_factor" => value.GetDouble() == 1,
        _ => false,
    };
}
