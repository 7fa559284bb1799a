using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace SkTuning.Models;

/// <summary>What identifies a base model, so that an adapter is never used on another: its traits, its weights (sampled), its tokenizer.</summary>
/// <param name="Family">Hugging Face's model_type.</param>
/// <param name="Traits">Hash of everything that config.json decides.</param>
/// <param name="Weights">Hash of names, shapes, stored types and sampled values; independent of file names and sharding.</param>
/// <param name="Tokenizer">Hash of what decides the token ids.</param>
public sealed record BaseFingerprint(string Family, string Traits, string Weights, string Tokenizer)
{
    internal static string OfTraits(ModelConfig config)
    {
        // Records print numbers as the current culture writes them: with a decimal comma in many of them.
        var (culture, text) = (CultureInfo.CurrentCulture, new StringBuilder());
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        try { Write(text, config); }
        finally { CultureInfo.CurrentCulture = culture; }
        // Nor may the line ends of the operating system count.
        return Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString().ReplaceLineEndings("\n"))))[..32];
    }

    /// <summary>Records print their members; lists do not, so they are written out.</summary>
    private static void Write(StringBuilder text, ModelConfig c)
    {
        text.AppendLine((c with { Windows = null, MixtureLayers = null, Positions = c.Positions is RotaryPositions ? new NoPositions() : c.Positions }).ToString());
        if (c.Windows is not null) text.AppendLine(string.Join(",", c.Windows));
        if (c.MixtureLayers is not null) text.AppendLine(string.Join(",", c.MixtureLayers));
        if (c.Positions is not RotaryPositions rotary) return;
        foreach (var r in rotary.Layers)
        {
            text.AppendLine(r is null ? "none" : $"{r.Size} {r.Theta:R} {r.Interleaved}");
            if (r is null) continue;
            var (frequencies, factor) = r.For(c.Context);
            text.AppendLine($"{r.Scaling.GetType().Name} {factor:R} {string.Join(" ", frequencies.Select(f => f.ToString("E6", CultureInfo.InvariantCulture)))}");
        }
    }

    /// <summary>What differs, in words; null when nothing does.</summary>
    internal string? DifferenceFrom(BaseFingerprint other)
    {
        if (Family != other.Family) return $"a {other.Family} model, expected {Family}";
        if (Traits != other.Traits) return "a model of another configuration (config.json)";
        if (Weights != other.Weights) return "a model with other weights, or the same in another stored type";
        return Tokenizer != other.Tokenizer ? "a model with another tokenizer" : null;
    }
}
