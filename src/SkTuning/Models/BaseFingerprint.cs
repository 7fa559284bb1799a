using SkTuning.Models;

namespace SkTuning;

/// <summary>What identifies a base model, so that an adapter is never used on another: its traits, its weights (sampled), its tokenizer.</summary>
/// <param name="Family">Hugging Face's model_type.</param>
/// <param name="Traits">Hash of everything that config.json decides.</param>
/// <param name="Weights">Hash of names, shapes, stored types and sampled values; independent of file names and sharding.</param>
/// <param name="Tokenizer">Hash of what decides the token ids.</param>
public sealed record BaseFingerprint(string Family, string Traits, string Weights, string Tokenizer)
{
    /// <summary>What differs, in words; null when nothing does.</summary>
    internal string? DifferenceFrom(BaseFingerprint other)
    {
        if (Family != other.Family) return $"a {other.Family} model, expected {Family}";
        if (Traits != other.Traits) return "a model of another configuration (config.json)";
        if (Weights != other.Weights) return "a model with other weights, or the same in another stored type";
        return Tokenizer != other.Tokenizer ? "a model with another tokenizer" : null;
    }
}
