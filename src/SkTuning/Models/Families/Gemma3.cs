using SkTuning.Models.Gguf;

namespace SkTuning.Models.Families;

/// <summary>
/// The text model of Gemma 3, alone or inside the model that also reads images: windows in most layers, with separate rotary frequencies.
/// Source: transformers' Gemma3TextConfig, Gemma3TextModel.
/// </summary>
internal sealed class Gemma3 : ModelFamily
{
    public override IReadOnlyList<string> Names => ["gemma3_text", "gemma3"];

    protected override ModelConfig ReadTraits(ConfigJson outer)
    {
        var whole = outer.Text("model_type") == "gemma3";
        var c = !whole ? outer : outer.Inner("text_config") ?? throw outer.Refused("text_config", "missing", "the settings of the text model");
        var gemma = Gemma.Of("gemma3_text", c, new(262208, 2304, 9216, 26, 8, 4, 131072, 1e-6f, Theta: 1e6, HeadSize: 256, Tied: true), "hidden_activation");
        if (whole) outer.Only("tie_word_embeddings", outer.Bool("tie_word_embeddings", gemma.Head.Tied), gemma.Head.Tied);
        var pattern = c.Size(["sliding_window_pattern", "_sliding_window_pattern"], 6);
        var windows = c.Windows(gemma.Layers, c.Window(4096), layer => (layer + 1) % pattern != 0);
        return gemma with
        {
            Windows = windows,
            Positions = Rotary(c, gemma, windows),
            Attention = gemma.Attention with { QueryKeyNorm = QueryKeyNorm.PerHead, Scale = Gemma2.QueryScale(c), SoftCap = c.Limit("attn_logit_softcapping") },
            Head = gemma.Head with { SoftCap = c.Limit("final_logit_softcapping") },
        };
    }

    public override WeightNames Weights(ModelConfig config) => Gemma2.Named with
    {
        Prefixes = ["model.", "", "language_model.model.", "model.language_model."],
        QueryNorm = "self_attn.q_norm",
        KeyNorm = "self_attn.k_norm",
        // Only the text part of the model that reads images is used.
        OtherModels = ["vision_tower.", "multi_modal_projector.", "model.vision_tower.", "model.multi_modal_projector."],
        Unused = [.. Gemma2.Named.Unused, .. config.Head.Tied ? ["language_model.lm_head.weight"] : Array.Empty<string>()],
    };

    private static RotaryPositions Rotary(ConfigJson c, ModelConfig gemma, IReadOnlyList<int?>? windows)
    {
        var size = gemma.Attention.HeadSize;
        var (wide, near) = c.Inner("rope_parameters") is { } p && (p.Has("full_attention") || p.Has("sliding_attention"))
            ? (RotaryTrait.Read(c, p.Inner("full_attention"), size, gemma.Context, 1e6),
                RotaryTrait.Read(c, p.Inner("sliding_attention"), size, gemma.Context, 1e4))
            : (RotaryTrait.Read(c, size, gemma.Context, 1e6), new() { Size = size, Theta = c.Double("rope_local_base_freq", 1e4) });
        return new([.. Enumerable.Range(0, gemma.Layers).Select(l => windows?[l] is null ? wide : near)]);
    }

    public override GgufArchitecture Gguf => new("gemma3")
    {
        Weights = Gemma2.Named with { QueryNorm = "self_attn.q_norm", KeyNorm = "self_attn.k_norm" },
        Change = Gemma.UndoNorms,
        WriteConfig = static (json, settings) =>
        {
            Llama.WriteGgufConfig(json, settings, "gemma3_text");
            json.WriteString("hidden_activation", "gelu_pytorch_tanh");
            json.WriteBoolean("attention_bias", false);
            json.WriteNumber("query_pre_attn_scalar", Gemma2.QueryScalar(settings, layersOfLargest: 62));
            if (settings.FloatOrNull("final_logit_softcapping") is > 0 and var cap) json.WriteNumber("final_logit_softcapping", cap);
            json.WriteNumber("sliding_window", settings.Size("attention.sliding_window"));
            Gemma2.WriteLayerTypes(json, settings, every: 6);
            json.WriteStartObject("rope_parameters");
            RotarySettings.Write(json, settings, "full_attention", defaultBase: 1_000_000);
            json.WriteStartObject("sliding_attention");
            json.WriteString("rope_type", "default");
            json.WriteNumber("rope_theta", settings.FloatOrNull("rope.freq_base_swa") ?? 10_000);
            json.WriteEndObject();
            json.WriteEndObject();
        },
    };
}
