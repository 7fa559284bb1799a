namespace SkTuning;

/// <summary>Identifies a base model by its traits, its weights (sampled) and its tokenizer, so that an adapter is never used on another base.</summary>
/// <param name="Family">The <c>model_type</c> of Hugging Face's config.json.</param>
/// <param name="Traits">The hash of everything that config.json determines.</param>
/// <param name="Weights">The hash of names, shapes, stored types and sampled values. It does not depend on file names or sharding.</param>
/// <param name="Tokenizer">The hash of everything that determines the token ids.</param>
public sealed record BaseFingerprint(string Family, string Traits, string Weights, string Tokenizer)
{
    /// <summary>Describes the difference from another fingerprint for a message, or returns null if they are equal.</summary>
    internal string? DifferenceFrom(BaseFingerprint other)
    {
        if (Family != other.Family) return $"a {other.Family} model, expected {Family}";
        if (Traits != other.Traits) return "a model of another configuration (config.json)";
        if (Weights != other.Weights) return "a model with other weights, or with the same weights in another stored type";
        return Tokenizer != other.Tokenizer ? "a model with another tokenizer" : null;
    }
}
