using System.Text.Json;
using static TorchSharp.torch;

namespace SkTuning.Models.Gguf;

/// <summary>Writes <c>rope_parameters</c> in the style of transformers 5 from <c>{architecture}.rope.*</c> and the tensors of factors.</summary>
internal static class RotarySettings
{
    /// <summary>Writes the parameters as an object.</summary>
    /// <param name="json">The writer of config.json.</param>
    /// <param name="settings">The settings of the file.</param>
    /// <param name="name">The name of the object.</param>
    /// <param name="defaultBase">The base of the frequencies, if the file has none.</param>
    public static void Write(Utf8JsonWriter json, GgufSettings settings, string name = "rope_parameters", float defaultBase = 10_000)
    {
        var theta = settings.FloatOrNull("rope.freq_base") ?? defaultBase;
        if (theta <= 0) throw settings.Bad("rope.freq_base", FormattableString.Invariant($"{theta}"), "a number above 0");
        var rotated = settings.IntOrNull("rope.dimension_count") is null ? settings.HeadSize : settings.Size("rope.dimension_count", settings.HeadSize);
        json.WriteStartObject(name);
        json.WriteNumber("rope_theta", theta);
        json.WriteNumber("partial_rotary_factor", (double)rotated / settings.HeadSize);
        WriteScaling(json, settings, theta, rotated);
        json.WriteEndObject();
    }

    private static void WriteScaling(Utf8JsonWriter json, GgufSettings settings, float theta, int rotated)
    {
        if (settings.Has("rope_factors_long.weight") || settings.Has("rope_factors_short.weight")) { WriteLong(json, settings, rotated); return; }
        if (settings.Has("rope_freqs.weight")) { WriteFactors(json, settings, theta, rotated); return; }
        const string key = "rope.scaling.type";
        var factor = settings.FloatOrNull("rope.scaling.factor") ?? settings.FloatOrNull("rope.scale_linear") ?? 1;
        var type = settings.StringOrNull(key) ?? (factor is 0 or 1 ? "none" : "linear");
        switch (type)
        {
            case "none" or "longrope":                                         // short models of that family have longrope without factors
                json.WriteString("rope_type", "default");
                break;
            case "linear":
                json.WriteString("rope_type", factor is 0 or 1 ? "default" : "linear");
                if (factor is not (0 or 1)) json.WriteNumber("factor", Above0(factor));
                break;
            case "yarn":
                WriteYarn(json, settings, Above0(factor));
                break;
            default:
                throw settings.Bad(key, $"'{type}'", "'none', 'linear', 'yarn' or 'longrope'");
        }

        float Above0(float number) => number > 0 ? number : throw settings.Bad("rope.scaling.factor",
                FormattableString.Invariant($"{number}"), "a number above 0");
    }

    private static void WriteYarn(Utf8JsonWriter json, GgufSettings settings, float factor)
    {
        Only("rope.scaling.yarn_log_multiplier", 0);
        Only("rope.scaling.yarn_ext_factor", 1);
        Only("rope.scaling.attn_factor", 1);
        json.WriteString("rope_type", "yarn");
        json.WriteNumber("factor", factor);
        json.WriteNumber("original_max_position_embeddings", settings.Size("rope.scaling.original_context_length"));
        Optional("rope.scaling.yarn_attn_factor", "attention_factor");
        Optional("rope.scaling.yarn_beta_fast", "beta_fast");
        Optional("rope.scaling.yarn_beta_slow", "beta_slow");

        void Only(string key, float implemented)
        {
            if (settings.FloatOrNull(key) is { } number && number != implemented)
                throw settings.Bad(key, FormattableString.Invariant($"{number}"), FormattableString.Invariant($"{implemented} with rope.scaling.type 'yarn'"));
        }

        void Optional(string key, string name)
        {
            if (settings.FloatOrNull(key) is { } number) json.WriteNumber(name, number);
        }
    }

    /// <summary>Writes Phi-3's two lists of factors, for short and long texts.</summary>
    private static void WriteLong(Utf8JsonWriter json, GgufSettings settings, int rotated)
    {
        var original = settings.Size("rope.scaling.original_context_length");
        json.WriteString("rope_type", "longrope");
        WriteList("short_factor", Factors(settings, "rope_factors_short.weight", rotated));
        WriteList("long_factor", Factors(settings, "rope_factors_long.weight", rotated));
        json.WriteNumber("original_max_position_embeddings", original);
        var scale = (double)settings.Context / original;
        json.WriteNumber("factor", scale);
        var implied = scale <= 1 ? 1 : Math.Sqrt(1 + Math.Log(scale) / Math.Log(original));
        if (settings.FloatOrNull("rope.scaling.attn_factor") is { } attention && Math.Abs(attention - implied) > 1e-5)
            json.WriteNumber("attention_factor", attention);

        void WriteList(string name, float[] factors)
        {
            json.WriteStartArray(name);
            foreach (var factor in factors) json.WriteNumberValue(factor);
            json.WriteEndArray();
        }
    }

    /// <summary>Writes Llama 3's scaling, of which the file has only the result: a factor for each frequency.</summary>
    private static void WriteFactors(Utf8JsonWriter json, GgufSettings settings, float theta, int rotated)
    {
        var factors = Factors(settings, "rope_freqs.weight", rotated);
        if (factors.All(f => f == 1)) { json.WriteString("rope_type", "default"); return; }
        if (factors.All(f => f == factors[0])) { json.WriteString("rope_type", "linear"); json.WriteNumber("factor", factors[0]); return; }
        if (Llama3Fit.Fit(factors, theta, rotated) is not { } found)
            throw SkTuningException.BadFile(settings.File.Path, "rope_freqs.weight", "a list of factors of another rule", "factors of Llama 3's scaling",
                "Use the model's safetensors folder instead.");
        json.WriteString("rope_type", "llama3");
        json.WriteNumber("factor", found.Factor);
        json.WriteNumber("low_freq_factor", found.LowFrequencyFactor);
        json.WriteNumber("high_freq_factor", found.HighFrequencyFactor);
        json.WriteNumber("original_max_position_embeddings", found.OriginalContext);
    }

    private static float[] Factors(GgufSettings settings, string name, int rotated)
    {
        if (!settings.File.Tensors.TryGetValue(name, out var tensor) || tensor.Type.Plain != ScalarType.Float32
            || tensor.Shape.Length != 1 || tensor.Shape[0] != rotated / 2)
            throw SkTuningException.BadFile(settings.File.Path, name, tensor is null ? "missing" : $"{tensor.Type.Name} {tensor.ShapeText}",
                $"F32 [{rotated / 2}]: a factor for each pair of rotated values in a head");
        var factors = new float[tensor.Shape[0]];
        settings.File.Map.Slice(tensor.Offset, factors.Length * 4).CopyTo(System.Runtime.InteropServices.MemoryMarshal.AsBytes(factors.AsSpan()));
        return factors.All(f => float.IsFinite(f) && f > 0) ? factors
            : throw SkTuningException.BadFile(settings.File.Path, name, "a list with a factor that is not above 0", "factors above 0");
    }
}
