using System.Text.Json.Serialization;

namespace SkTuning.Models;

/// <summary>A change of rotary frequencies for longer texts. Source: transformers, modeling_rope_utils.py.</summary>
[JsonDerivedType(typeof(NoScaling), "none")]
[JsonDerivedType(typeof(LinearScaling), "linear")]
[JsonDerivedType(typeof(DynamicScaling), "dynamic")]
[JsonDerivedType(typeof(Llama3Scaling), "llama3")]
[JsonDerivedType(typeof(YarnScaling), "yarn")]
[JsonDerivedType(typeof(LongScaling), "longrope")]
internal abstract record RotaryScaling
{
    private static readonly string[] Supported = ["default", "linear", "dynamic", "yarn", "longrope", "llama3"];

    /// <summary>Returns the frequencies for a row of <paramref name="length"/> positions, and the factor on cos and sin.</summary>
    public abstract (double[] Frequencies, double Factor) Frequencies(RotaryTrait rotary, long length);

    /// <summary>True if the frequencies of a row depend on its length.</summary>
    public virtual bool DependsOnLength => false;

    public static RotaryScaling Read(ConfigJson config, ConfigJson? p, int context)
    {
        if (p is null) return new NoScaling();
        var type = p.Text("rope_type", p.Text("type", "default"));
        return type switch
        {
            "default" => new NoScaling(),
            "linear" => new LinearScaling(Positive(p, "factor")),
            "dynamic" => new DynamicScaling(Positive(p, "factor"), context),
            "llama3" => new Llama3Scaling(
                Positive(p, "factor"), Positive(p, "low_freq_factor"), Positive(p, "high_freq_factor"), OriginalContext(config, p, context)),
            "yarn" => YarnScaling.Read(config, p, context),
            "longrope" or "su" => LongScaling.Read(p, context, OriginalContext(config, p, context)),
            _ => throw p.Refused("rope_type", type, string.Join(", ", Supported)),
        };
    }

    protected static double Positive(ConfigJson p, string key, double? orElse = null)
    {
        var value = p.Double(key, orElse);
        return value > 0 ? value : throw p.Refused(key, FormattableString.Invariant($"{value}"), "a number above 0");
    }

    /// <summary>The value next to the parameters takes precedence over the one among them, as in transformers.</summary>
    protected static int OriginalContext(ConfigJson config, ConfigJson p, int context)
        => config.Size("original_max_position_embeddings", p.Size("original_max_position_embeddings", context));
}

internal sealed record NoScaling : RotaryScaling
{
    public override (double[], double) Frequencies(RotaryTrait rotary, long length) => (rotary.Plain(), 1);
}

internal sealed record LinearScaling(double Factor) : RotaryScaling
{
    public override (double[], double) Frequencies(RotaryTrait rotary, long length) => ([.. rotary.Plain().Select(f => f / Factor)], 1);
}

/// <summary>Theta grows with the length of the row beyond the original context (NTK).</summary>
internal sealed record DynamicScaling(double Factor, int Original) : RotaryScaling
{
    public override bool DependsOnLength => true;

    public override (double[], double) Frequencies(RotaryTrait rotary, long length)
    {
        if (length <= Original) return (rotary.Plain(), 1);
        var grown = Factor * length / Original - (Factor - 1);
        return (rotary.Plain(rotary.Theta * Math.Pow(grown, rotary.Size / (rotary.Size - 2.0))), 1);
    }
}

/// <summary>Low frequencies are divided by the factor, high ones stay, those between are blended (Llama 3.1).</summary>
internal sealed record Llama3Scaling(double Factor, double Low, double High, int Original) : RotaryScaling
{
    public override (double[], double) Frequencies(RotaryTrait rotary, long length) => ([.. rotary.Plain().Select(Scaled)], 1);

    private double Scaled(double frequency)
    {
        var wave = 2 * Math.PI / frequency;
        if (wave > Original / Low) return frequency / Factor;
        if (wave < Original / High) return frequency;
        var smooth = (Original / wave - Low) / (High - Low);
        return (1 - smooth) * frequency / Factor + smooth * frequency;
    }
}

/// <summary>A ramp between divided and plain frequencies, with a factor on cos and sin (arXiv 2309.00071).</summary>
internal sealed record YarnScaling(double Factor, double Attention, double Fast, double Slow, bool Truncate, int Original) : RotaryScaling
{
    public static new YarnScaling Read(ConfigJson config, ConfigJson p, int context)
    {
        var original = OriginalContext(config, p, context);
        var factor = p.Has("factor") ? Positive(p, "factor") : (double)context / original;
        double attention;
        if (p.Has("attention_factor")) attention = Positive(p, "attention_factor");
        else if (p.Has("mscale") && p.Has("mscale_all_dim") && p.Double("mscale") != 0 && p.Double("mscale_all_dim") != 0)
            attention = Scale(factor, p.Double("mscale")) / Scale(factor, p.Double("mscale_all_dim"));
        else attention = Scale(factor, 1);
        return new(factor, attention, Positive(p, "beta_fast", 32), Positive(p, "beta_slow", 1), p.Bool("truncate", true), original);
    }

    private static double Scale(double factor, double multiplier) => factor <= 1 ? 1 : 0.1 * multiplier * Math.Log(factor) + 1;

    public override (double[], double) Frequencies(RotaryTrait rotary, long length)
    {
        var (low, high) = (Dimension(rotary, Fast), Dimension(rotary, Slow));
        if (Truncate) (low, high) = (Math.Floor(low), Math.Ceiling(high));
        (low, high) = (Math.Max(low, 0), Math.Min(high, rotary.Size - 1));
        if (low == high) high += 0.001;
        return ([.. rotary.Plain().Select((f, i) =>
        {
            var divided = Math.Clamp((i - low) / (high - low), 0, 1);
            return f / Factor * divided + f * (1 - divided);
        })], Attention);
    }

    /// <summary>Returns the dimension that makes this many turns within the original context.</summary>
    private double Dimension(RotaryTrait rotary, double turns) => rotary.Size * Math.Log(Original / (turns * 2 * Math.PI)) / (2 * Math.Log(rotary.Theta));
}

/// <summary>A divisor for each frequency: one list for rows within the original context, one for longer rows (phi3).</summary>
internal sealed record LongScaling(double[] Short, double[] Long, double Attention, int Original) : RotaryScaling
{
    public override bool DependsOnLength => true;

    public static LongScaling Read(ConfigJson p, int context, int original)
    {
        var factor = p.Has("factor") ? Positive(p, "factor") : (double)context / original;
        var attention = p.Has("attention_factor") ? Positive(p, "attention_factor") : factor <= 1 ? 1 : Math.Sqrt(1 + Math.Log(factor) / Math.Log(original));
        return new(Factors("short_factor"), Factors("long_factor"), attention, original);

        double[] Factors(string key)
        {
            var list = p.Doubles(key) ?? throw p.Refused(key, "missing", "a list of divisors");
            return list.All(f => f > 0) ? list : throw p.Refused(key, "a divisor of 0 or less", "numbers above 0");
        }
    }

    public override (double[], double) Frequencies(RotaryTrait rotary, long length)
    {
        var factors = length > Original ? Long : Short;
        return ([.. rotary.Plain().Zip(factors, (f, d) => f / d)], Attention);
    }
}
