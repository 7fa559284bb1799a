using SkTuning.Tokenizers.SubwordModels;

namespace SkTuning;

/// <summary>What a loaded model is, for people.</summary>
public sealed record ModelDescription
{
    /// <summary>The folder or file it came from.</summary>
    public required string Source { get; init; }

    /// <summary>Hugging Face's model_type.</summary>
    public required string Family { get; init; }

    /// <summary>Layers.</summary>
    public required int Layers { get; init; }

    /// <summary>Hidden size.</summary>
    public required int Hidden { get; init; }

    /// <summary>Attention heads.</summary>
    public required int Heads { get; init; }

    /// <summary>Key/value heads.</summary>
    public required int KeyValueHeads { get; init; }

    /// <summary>Values a head.</summary>
    public required int HeadSize { get; init; }

    /// <summary>Rows of the word embeddings.</summary>
    public required int Vocabulary { get; init; }

    /// <summary>Tokens in one sequence, prefix included.</summary>
    public required int Context { get; init; }

    /// <summary>The layers that see only a window, and its size: a prefix is seen from within the window only. Empty: all see everything.</summary>
    public required IReadOnlyDictionary<int, int> Windows { get; init; }

    /// <summary>Parameters of the frozen model.</summary>
    public required long Parameters { get; init; }

    /// <summary>The stored type of most weights.</summary>
    public required string StoredAs { get; init; }

    /// <summary>The seed of weights that were started at random (<see cref="FrozenModelOptions.RandomWeights"/>); null: they are the checkpoint's.</summary>
    public ulong? RandomWeights { get; init; }

    /// <summary>The precision of its inner products.</summary>
    public required Precision Precision { get; init; }

    /// <summary>Why it was chosen where <see cref="Precision.Auto"/> left it open; null where it was asked for.</summary>
    public string? PrecisionReason { get; init; }

    /// <summary>The device.</summary>
    public required string Device { get; init; }

    /// <summary>Bytes of weights in memory of their own: copied, converted or expanded.</summary>
    public required long Memory { get; init; }

    /// <summary>Bytes of weights that are looked at in the mapped file: the system may drop and read them again as it likes.</summary>
    public required long MappedMemory { get; init; }

    /// <summary>Bytes of weights that stay quantised blocks, mapped or copied, and are expanded for each product.</summary>
    public required long QuantizedMemory { get; init; }

    /// <summary>Reads from left to right.</summary>
    public required bool Causal { get; init; }

    /// <summary>True where prefix methods work.</summary>
    public required bool TakesPrefix { get; init; }

    /// <summary>True where the checkpoint has an LM head.</summary>
    public required bool HasLanguageModelHead { get; init; }

    /// <summary>True where the checkpoint has the masked-LM head of an encoder.</summary>
    public required bool HasMaskedLanguageModelHead { get; init; }

    /// <summary>The description as name and value.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Lines() =>
    [
        new("Model", Source),
        new("Family", $"{Family} ({(Causal ? "causal" : "encoder")})"),
        new("Layers x hidden", $"{Layers} x {Hidden}, {Heads} heads over {KeyValueHeads} of {HeadSize}"),
        new("Vocabulary", $"{Vocabulary:N0}"),
        new("Context", $"{Context:N0} tokens"),
        new("Windows", Windows.Count == 0 ? "none" : string.Join(", ", Windows.GroupBy(w => w.Value).Select(g => $"{g.Key} tokens in {g.Count()} layers"))),
        new("Parameters", $"{Parameters:N0}"),
        new("Stored as", RandomWeights is { } seed ? $"{StoredAs}; not read: weights at random, seed {seed}" : StoredAs),
        new("Computed in", $"{Precision} on {Device}{(PrecisionReason is null ? "" : $" (auto: {PrecisionReason})")}"),
        new("Memory", $"{Memory / 1e6:N1} MB of its own, {MappedMemory / 1e6:N1} MB in the mapped file"),
        new("Quantised blocks", QuantizedMemory > 0 ? $"{QuantizedMemory / 1e6:N1} MB, expanded for each product" : "none kept"),
        new("Prefix", TakesPrefix ? "yes" : "no"),
        new("LM head", HasLanguageModelHead ? "yes" : "no"),
        new("Masked-LM head", HasMaskedLanguageModelHead ? "yes" : "no"),
    ];
}
