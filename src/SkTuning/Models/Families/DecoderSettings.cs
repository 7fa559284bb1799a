namespace SkTuning.Models.Families;

/// <summary>Settings that many decoders write the same way.</summary>
internal static class DecoderSettings
{
    /// <summary>A head's size: <c>head_dim</c>, else the family's own, else hidden / heads, which must divide.</summary>
    public static int HeadSize(this ConfigJson c, int hidden, int heads, int? own = null)
    {
        if (c.Has("head_dim")) return c.Size("head_dim");
        if (own is { } size && !c.Writes("head_dim")) return size;
        return c.Share(hidden, heads);
    }

    /// <summary>hidden / heads for families without a head size of their own.</summary>
    public static int Share(this ConfigJson c, int hidden, int heads)
        => hidden % heads == 0 ? hidden / heads : throw c.Refused("num_attention_heads", $"{heads}", $"a divisor of the hidden size {hidden}");

    /// <summary><c>num_key_value_heads</c>: null stands for as many as heads, a missing key for the family's default.</summary>
    public static int KeyValueHeads(this ConfigJson c, int heads, int? missing = null)
        => c.Size("num_key_value_heads", c.Writes("num_key_value_heads") ? heads : missing ?? heads);

    /// <summary>A number that may be off: null stands for off, a missing key for the family's default.</summary>
    public static float? Optional(this ConfigJson c, string key, float? missing = null)
        => c.Has(key) ? c.Float(key) : c.Writes(key) ? null : missing;

    /// <summary>A cap or a clip, which must be above 0.</summary>
    public static float? Limit(this ConfigJson c, string key, float? missing = null)
        => c.Optional(key, missing) is not { } limit ? null : limit > 0 ? limit : throw c.Refused(key, $"{limit}", "a number above 0, or null");

    /// <summary><c>sliding_window</c>: null stands for none, a missing key for the family's default.</summary>
    public static int? Window(this ConfigJson c, int? missing = null)
        => c.Has("sliding_window") ? c.Size("sliding_window") : c.Writes("sliding_window") ? null : missing;

    /// <summary>The same window in every layer; null: none.</summary>
    public static IReadOnlyList<int?>? InAllLayers(this int? window, int layers) => window is null ? null : [.. Enumerable.Repeat(window, layers)];

    /// <summary>Windows by <c>layer_types</c>, or where it is not written by the family's rule.</summary>
    /// <param name="c">The config.</param>
    /// <param name="layers">The number of layers.</param>
    /// <param name="window">The window's size; null: no layer has one.</param>
    /// <param name="slides">The family's rule.</param>
    public static IReadOnlyList<int?>? Windows(this ConfigJson c, int layers, int? window, Func<int, bool> slides)
    {
        var types = c.Texts("layer_types") ?? [.. Enumerable.Range(0, layers).Select(l => window is not null && slides(l) ? "sliding_attention" : "full_attention")];
        if (types.Length != layers) throw c.Refused("layer_types", $"{types.Length} entries", $"one for each of the {layers} layers");
        if (types.FirstOrDefault(t => t is not ("sliding_attention" or "full_attention")) is { } other) throw c.Refused("layer_types", $"\"{other}\"", "sliding_attention or full_attention");
        if (types.All(t => t == "full_attention")) return null;
        if (window is null) throw c.Refused("layer_types", "sliding_attention", "full_attention where sliding_window is not set or not used");
        return [.. types.Select(t => t == "sliding_attention" ? window : null)];
    }
}
