using System.Text.Json;

namespace SkTuning.Checkpoints.Gguf.Architectures;

/// <summary>Gemma 1-3: the converter added 1 to every norm's weight.</summary>
internal abstract class GemmaLike : LlamaLike
{
    public override TensorChange Change(string part, GgufTensor tensor, GgufSettings settings)
        => part.EndsWith("norm", StringComparison.Ordinal) ? new TensorChange.MinusOne() : TensorChange.None;

    protected static readonly Dictionary<string, string> FourNorms = new(Names)
    {
        ["post_attention_norm"] = "post_attention_layernorm", ["ffn_norm"] = "pre_feedforward_layernorm", ["post_ffw_norm"] = "post_feedforward_layernorm",
    };

    /// <summary>What the scores are divided by the root of: a head's size, but for the largest model, which the file does not tell apart by more than its layers.</summary>
    protected static int ScaleOfScores(GgufSettings settings, int layersOfTheLargest) => settings.Layers == layersOfTheLargest ? settings.Hidden / settings.Heads : settings.HeadSize;

    protected static void WriteLayerTypes(Utf8JsonWriter json, GgufSettings settings, int every)
    {
        const string key = "attention.sliding_window_pattern";
        var windowed = settings.BoolsOrNull(key);
        if (windowed is not null && windowed.Length != settings.Layers) throw settings.Bad(key, $"{windowed.Length} entries", $"{settings.Layers}, one for each layer");
        var period = windowed is null ? settings.IntOrNull(key) ?? every : 0;
        if (period < 0) throw settings.Bad(key, $"{period}", "a number of layers");
        json.WriteStartArray("layer_types");
        for (var i = 0; i < settings.Layers; i++)
            json.WriteStringValue(windowed?[i] ?? (period == 0 || (i + 1) % period != 0) ? "sliding_attention" : "full_attention");
        json.WriteEndArray();
    }
}

internal sealed class Gemma : GemmaLike
{
    public override string Name => "gemma";

    public override void WriteConfig(Utf8JsonWriter json, GgufSettings settings)
    {
        WriteLlamaLike(json, settings, "gemma");
        json.WriteString("hidden_act", "gelu_pytorch_tanh");
        json.WriteBoolean("attention_bias", false);
        RotarySettings.Write(json, settings);
    }
}

/// <summary>Gemma 2: a window in every other layer, soft caps, norms before and behind.</summary>
internal sealed class Gemma2 : GemmaLike
{
    public override string Name => "gemma2";

    public override IReadOnlyDictionary<string, string> Layer(GgufSettings settings) => FourNorms;

    public override void WriteConfig(Utf8JsonWriter json, GgufSettings settings)
    {
        WriteLlamaLike(json, settings, "gemma2");
        json.WriteString("hidden_activation", "gelu_pytorch_tanh");
        json.WriteBoolean("attention_bias", false);
        json.WriteNumber("query_pre_attn_scalar", ScaleOfScores(settings, layersOfTheLargest: 46));
        json.WriteNumber("attn_logit_softcapping", settings.FloatOrNull("attn_logit_softcapping") ?? 50);
        json.WriteNumber("final_logit_softcapping", settings.FloatOrNull("final_logit_softcapping") ?? 30);
        json.WriteNumber("sliding_window", settings.IntOrNull("attention.sliding_window") is { } window ? window : 4096);
        WriteLayerTypes(json, settings, every: 2);
        RotarySettings.Write(json, settings);
    }
}

/// <summary>Gemma 3 (text): five windowed layers to a full one, each kind with its own rotary base, norms on each head's query and key.</summary>
internal sealed class Gemma3 : GemmaLike
{
    public override string Name => "gemma3";

    public override IReadOnlyDictionary<string, string> Layer(GgufSettings settings) => FourNorms;

    public override void WriteConfig(Utf8JsonWriter json, GgufSettings settings)
    {
        WriteLlamaLike(json, settings, "gemma3_text");
        json.WriteString("hidden_activation", "gelu_pytorch_tanh");
        json.WriteBoolean("attention_bias", false);
        json.WriteNumber("query_pre_attn_scalar", ScaleOfScores(settings, layersOfTheLargest: 62));
        if (settings.FloatOrNull("final_logit_softcapping") is > 0 and var cap) json.WriteNumber("final_logit_softcapping", cap);
        json.WriteNumber("sliding_window", settings.Size("attention.sliding_window"));
        WriteLayerTypes(json, settings, every: 6);
        json.WriteStartObject("rope_parameters");
        RotarySettings.Write(json, settings, "full_attention", baseOtherwise: 1_000_000);
        json.WriteStartObject("sliding_attention");
        json.WriteString("rope_type", "default");
        json.WriteNumber("rope_theta", settings.FloatOrNull("rope.freq_base_swa") ?? 10_000);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
