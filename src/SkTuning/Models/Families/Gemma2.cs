using System.Text.Json;
using SkTuning.Models.Gguf;

namespace SkTuning.Models.Families;

/// <summary>Gemma 2: norms before and after each part, soft caps, a window in every other layer. Source: transformers' Gemma2Config, Gemma2Model.</summary>
internal sealed class Gemma2 : ModelFamily
{
    public override IReadOnlyList<string> Names => ["gemma2"];

    protected override ModelConfig ReadTraits(ConfigJson c)
    {
        var gemma = Gemma.Of("gemma2", c, new(256000, 2304, 9216, 26, 8, 4, 8192, 1e-6f, HeadSize: 256, Tied: true), "hidden_activation");
        return gemma with
        {
            Windows = c.Windows(gemma.Layers, c.Window(4096), layer => layer % 2 == 0),
            Attention = gemma.Attention with { Scale = QueryScale(c), SoftCap = c.Limit("attn_logit_softcapping", 50) },
            Head = gemma.Head with { SoftCap = c.Limit("final_logit_softcapping", 30) },
        };
    }

    public override WeightNames Weights(ModelConfig config) => Named;

    /// <summary>Returns query_pre_attn_scalar^-1/2.</summary>
    internal static float QueryScale(ConfigJson c)
    {
        var scalar = c.Double("query_pre_attn_scalar", 256);
        return scalar > 0 ? (float)Math.Pow(scalar, -0.5) : throw c.Refused("query_pre_attn_scalar",
                FormattableString.Invariant($"{scalar}"), "a number above 0");
    }

    internal static WeightNames Named { get; } = Llama.Named with
    {
        AttentionOutputNorm = "post_attention_layernorm",
        FeedForwardNorm = "pre_feedforward_layernorm",
        FeedForwardOutputNorm = "post_feedforward_layernorm",
    };

    public override GgufArchitecture Gguf => new("gemma2")
    {
        Weights = Named,
        Change = Gemma.UndoNorms,
        WriteConfig = static (json, settings) =>
        {
            Llama.WriteGgufConfig(json, settings, "gemma2");
            json.WriteString("hidden_activation", "gelu_pytorch_tanh");
            json.WriteBoolean("attention_bias", false);
            json.WriteNumber("query_pre_attn_scalar", QueryScalar(settings, layersOfLargest: 46));
            json.WriteNumber("attn_logit_softcapping", settings.FloatOrNull("attn_logit_softcapping") ?? 50);
            json.WriteNumber("final_logit_softcapping", settings.FloatOrNull("final_logit_softcapping") ?? 30);
            json.WriteNumber("sliding_window", settings.IntOrNull("attention.sliding_window") is { } window ? window : 4096);
            WriteLayerTypes(json, settings, every: 2);
            RotarySettings.Write(json, settings);
        },
    };

    /// <summary>
    /// Returns the number whose root divides the scores: the head size, except in the largest model, which a file reveals only by its number of layers.
    /// </summary>
    internal static int QueryScalar(GgufSettings settings, int layersOfLargest)
        => settings.Layers == layersOfLargest ? settings.Hidden / settings.Heads : settings.HeadSize;

    /// <summary>Writes <c>layer_types</c>: from the file's pattern, or by the family's rule that one layer in <paramref name="every"/> has no window.</summary>
    internal static void WriteLayerTypes(Utf8JsonWriter json, GgufSettings settings, int every)
    {
        const string key = "attention.sliding_window_pattern";
        var windowed = settings.BoolsOrNull(key);
        if (windowed is not null && windowed.Length != settings.Layers)
            throw settings.Bad(key, $"{windowed.Length} entries", $"{settings.Layers}, one for each layer");
        var period = windowed is null ? settings.IntOrNull(key) ?? every : 0;
        if (period < 0) throw settings.Bad(key, $"{period}", "a number of layers");
        json.WriteStartArray("layer_types");
        for (var i = 0; i < settings.Layers; i++)
            json.WriteStringValue(windowed?[i] ?? (period == 0 || (i + 1) % period != 0) ? "sliding_attention" : "full_attention");
        json.WriteEndArray();
    }
}
