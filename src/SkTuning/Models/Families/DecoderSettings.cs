namespace SkTuning.Models.Families;

/// <summary>Reads settings that many decoders write in the same way.</summary>
internal static class DecoderSettings
{
    /// <summary>Reads the head size: <c>head_dim</c>, or the family's default, or hidden / heads, which must divide.</summary>
    public static int HeadSize(this ConfigJson c, int hidden, int heads, int? own = null)
    {
        if (c.Has("head_dim")) return c.Size("head_dim");
        if (own is { } size && !c.Writes("head_dim")) return size;
        return c.Share(hidden, heads);
    }

    /// <summary>Returns hidden / heads, for families without a setting for the head size.</summary>
    public static int Share(this ConfigJson c, int hidden, int heads)
        => hidden % heads == 0 ? hidden / heads : throw c.Refused("num_attention_heads", $"{heads}", $"a divisor of the hidden size {hidden}");

    /// <summary>Reads <c>num_key_value_heads</c>: null means the number of heads, a missing key the family's default.</summary>
    public static int KeyValueHeads(this ConfigJson c, int heads, int? missing = null)
        => c.Size("num_key_value_heads", c.Writes("num_key_value_heads") ? heads : missing ?? heads);

    /// <summary>Reads an optional number: null means off, a missing key the family's default.</summary>
    public static float? Optional(this ConfigJson c, string key, float? missing = null)
        => c.Has(key) ? c.Float(key) : c.Writes(key) ? null : missing;

    /// <summary>Reads a cap or a clip, which must be above 0.</summary>
    public static float? Limit(this ConfigJson c, string key, float? missing = null)
        => c.Optional(key, missing) is not { } limit ? null : limit > 0 ? limit
            : throw c.Refused(key, FormattableString.Invariant($"{limit}"), "a number above 0, or null");

    /// <summary>Reads <c>sliding_window</c>: null means none, a missing key the family's default.</summary>
    public static int? Window(this ConfigJson c, int? missing = null)
        => c.Has("sliding_window") ? c.Size("sliding_window") : c.Writes("sliding_window") ? null : missing;

    /// <summary>Returns the same window for every layer, or null for none.</summary>
    public static IReadOnlyList<int?>? InAllLayers(this int? window, int layers) => window is null ? null : [.. Enumerable.Repeat(window, layers)];

    /// <summary>Returns the windows by <c>layer_types</c> or, if it is missing, by the family's rule.</summary>
    /// <param name="c">The config.</param>
    /// <param name="layers">The number of layers.</param>
    /// <param name="window">The size of the window; null: no layer has one.</param>
    /// <param name="slides">The family's rule: whether a layer has a window.</param>
    public static IReadOnlyList<int?>? Windows(this ConfigJson c, int layers, int? window, Func<int, bool> slides)
    {
        const string key = "layer_types", sliding = "sliding_attention", full = "full_attention";
        var types = c.Texts(key) ?? [.. Enumerable.Range(0, layers).Select(l => window is not null && slides(l) ? sliding : full)];
        if (types.Length != layers) throw c.Refused(key, $"{types.Length} entries", $"one for each of the {layers} layers");
        if (types.FirstOrDefault(t => t is not (sliding or full)) is { } other) throw c.Refused(key, $"\"{other}\"", $"{sliding} or {full}");
        if (types.All(t => t == full)) return null;
        if (window is null) throw c.Refused(key, sliding, $"{full}, because sliding_window is not set or not used");
        return [.. types.Select(t => t == sliding ? window : null)];
    }
}
