using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using SkTuning.Tests.Checkpoints;

namespace SkTuning.Tests.Models;

/// <summary>
/// Damages a config.json in two ways: as a file (bytes changed, removed, repeated), and in its content (values of another kind or size, keys removed, moved,
/// repeated or nested), because random bytes rarely make valid JSON. The same seed gives the same damage everywhere.
/// </summary>
internal sealed class ConfigMutator(ulong seed)
{
    /// <summary>Keys that some family reads. In the config of another family they must be refused or ignored.</summary>
    private static readonly string[] Foreign =
    [
        "model_type", "head_dim", "num_key_value_heads", "num_experts", "sliding_window", "layer_types", "rope_scaling", "rope_parameters", "rope_theta",
        "partial_rotary_factor", "rotary_dim", "hidden_act",
        "tie_word_embeddings", "text_config", "quantization_config", "n_inner", "embedding_size", "attention_types", "no_rope_layers",
        "original_max_position_embeddings", "pad_token_id", "num_hidden_groups",
    ];

    private static readonly string[] Values =
    [
        "null", "true", "false", "0", "1", "2", "3", "-1", "7", "64", "255", "65536", "131072", "1000000000", "2147483647", "2147483648", "-2147483648",
        "9223372036854775807", "18446744073709551616", "1e308", "-1e308", "1e999",
        "0.5", "1.5", "1e-300", "0.0", "-0.5", "\"\"", "\"llama\"", "\"gelu\"", "\"dynamic\"", "\"yarn\"", "\"\\u0000\\uD800\"", "[]", "[1]", "[0,1,2]",
        "[null]", "[[[\"global\"],3]]", "[\"full_attention\",\"sliding_attention\",\"x\"]", "{}", "{\"type\":\"linear\",\"factor\":2.0}",
        "{\"rope_type\":\"dynamic\",\"factor\":1e300}", "{\"rope_type\":\"yarn\",\"factor\":4.0,\"original_max_position_embeddings\":1}",
        "{\"rope_type\":\"llama3\",\"factor\":8.0,\"low_freq_factor\":4.0,\"high_freq_factor\":4.0}",
        "{\"rope_type\":\"longrope\",\"short_factor\":[1.0],\"long_factor\":[2.0]}", "{\"full_attention\":{\"rope_theta\":1e-9},\"sliding_attention\":null}",
    ];

    /// <summary>The placeholder of a value until the text is written.</summary>
    private const string Mark = "value ";

    private readonly Mutator _random = new(seed);

    public byte[] Damage(byte[] config)
    {
        if (_random.Next(4) == 0) return _random.Damage(config, config.Length);
        var root = JsonNode.Parse(config)!.AsObject();
        for (var times = 1 + _random.Next(3); times > 0; times--) Change(root);
        var text = root.ToJsonString();
        // A JSON library cannot write every one of these values.
        for (var i = 0; i < Values.Length; i++) text = text.Replace($"\"{Mark}{i}\"", Values[i], StringComparison.Ordinal);
        // A repeated key, of which some readers use the first value and others the last.
        if (_random.Next(12) == 0) text = text[..^1] + $",\"{Key(root)}\":{Values[_random.Next(Values.Length)]}}}";
        // Nested more deeply than any reader should follow.
        if (_random.Next(40) == 0) text = text[..^1] + ",\"x\":" + new string('[', 5000) + new string(']', _random.Next(5001)) + "}";
        var bytes = Encoding.UTF8.GetBytes(text);
        return _random.Next(8) == 0 ? _random.Damage(bytes, bytes.Length) : bytes;
    }

    private void Change(JsonObject root)
    {
        var at = root;
        while (_random.Next(2) == 0 && at.Where(p => p.Value is JsonObject).Select(p => p.Value!.AsObject()).ToList() is { Count: > 0 } inner)
            at = inner[_random.Next(inner.Count)];
        var key = at.Count == 0 || _random.Next(5) == 0 ? Foreign[_random.Next(Foreign.Length)] : Key(at);
        switch (_random.Next(6))
        {
            case 0: at.Remove(key); break;
            case 1 when at.Count > 0: at[key] = at[Key(at)]?.DeepClone(); break;
            case 2 when at[key] is JsonValue number && number.GetValueKind() == JsonValueKind.Number:
                var value = number.GetValue<double>();
                at[key] = _random.Next(4) switch { 0 => value * 2, 1 => value - 1, 2 => -value, _ => value / 2 };
                break;
            case 3: at[key] = new JsonObject { [key] = at[key]?.DeepClone() }; break;
            default: at[key] = Mark + _random.Next(Values.Length); break;
        }
    }

    private string Key(JsonObject at) => at.Count == 0 ? Foreign[0] : at.ElementAt(_random.Next(at.Count)).Key;
}
