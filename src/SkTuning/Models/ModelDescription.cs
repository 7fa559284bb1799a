namespace SkTuning;

/// <summary>Describes a loaded model.</summary>
public sealed record ModelDescription
{
    /// <summary>Gets the folder or file that the model was read from.</summary>
    public required string Source { get; init; }

    /// <summary>Gets the <c>model_type</c> of Hugging Face's config.json.</summary>
    public required string Family { get; init; }

    /// <summary>Gets the number of layers.</summary>
    public required int Layers { get; init; }

    /// <summary>Gets the hidden size.</summary>
    public required int Hidden { get; init; }

    /// <summary>Gets the number of attention heads.</summary>
    public required int Heads { get; init; }

    /// <summary>Gets the number of key/value heads.</summary>
    public required int KeyValueHeads { get; init; }

    /// <summary>Gets the number of values in a head.</summary>
    public required int HeadSize { get; init; }

    /// <summary>Gets the number of rows in the word embeddings.</summary>
    public required int Vocabulary { get; init; }

    /// <summary>Gets the maximum number of tokens in one sequence, prefix included.</summary>
    public required int Context { get; init; }

    /// <summary>
    /// Gets the size of the window of each layer that has one. Tokens farther from a prefix than the window do not see it. Empty if every layer sees all
    /// tokens.
    /// </summary>
    public required IReadOnlyDictionary<int, int> Windows { get; init; }

    /// <summary>Gets the number of parameters in the frozen model.</summary>
    public required long Parameters { get; init; }

    /// <summary>Gets the stored type of most weights.</summary>
    public required string StoredAs { get; init; }

    /// <summary>
    /// Gets the seed of random weights (<see cref="FrozenModelOptions.RandomWeights"/>), or null if the weights are those of the checkpoint.
    /// </summary>
    public ulong? RandomWeights { get; init; }

    /// <summary>Gets the precision of the inner products.</summary>
    public required Precision Precision { get; init; }

    /// <summary>Gets the reason for the precision that <see cref="Precision.Auto"/> chose, or null if the options named a precision.</summary>
    public string? PrecisionReason { get; init; }

    /// <summary>Gets the device.</summary>
    public required string Device { get; init; }

    /// <summary>Gets the size of the weights in memory (copied, converted or expanded), in bytes.</summary>
    public required long Memory { get; init; }

    /// <summary>
    /// Gets the size of the weights that are used in place in the mapped file, in bytes. The system may drop them from memory and read them again.
    /// </summary>
    public required long MappedMemory { get; init; }

    /// <summary>Gets the size of the quantized blocks, mapped or copied, that are expanded for each product, in bytes.</summary>
    public required long QuantizedMemory { get; init; }

    /// <summary>Gets a value that indicates whether a token sees only itself and the tokens before it.</summary>
    public required bool Causal { get; init; }

    /// <summary>Gets a value that indicates whether the model supports a prefix of keys and values.</summary>
    public required bool TakesPrefix { get; init; }

    /// <summary>Gets a value that indicates whether the checkpoint has an LM head.</summary>
    public required bool HasLanguageModelHead { get; init; }

    /// <summary>Gets a value that indicates whether the checkpoint has the masked-LM head of an encoder.</summary>
    public required bool HasMaskedLanguageModelHead { get; init; }

    /// <summary>Returns the description as names and values, for display.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Lines() =>
    [
        new("Model", Source),
        new("Family", $"{Family} ({(Causal ? "causal" : "encoder")})"),
        new("Layers x hidden", $"{Layers} x {Hidden}, {Heads} heads over {KeyValueHeads} of {HeadSize}"),
        new("Vocabulary", FormattableString.Invariant($"{Vocabulary:N0}")),
        new("Context", FormattableString.Invariant($"{Context:N0} tokens")),
        new("Windows", Windows.Count == 0 ? "none" : string.Join(", ", Windows.GroupBy(w => w.Value).Select(g => $"{g.Key} tokens in {g.Count()} layers"))),
        new("Parameters", FormattableString.Invariant($"{Parameters:N0}")),
        new("Stored as", RandomWeights is { } seed ? $"{StoredAs}; not read: random weights, seed {seed}" : StoredAs),
        new("Computed in", $"{Precision} on {Device}{(PrecisionReason is null ? "" : $" (auto: {PrecisionReason})")}"),
        new("Memory", FormattableString.Invariant($"{Memory / 1e6:N1} MB in memory, {MappedMemory / 1e6:N1} MB in the mapped file")),
        new("Quantized blocks", QuantizedMemory > 0 ? FormattableString.Invariant($"{QuantizedMemory / 1e6:N1} MB, expanded for each product") : "none kept"),
        new("Prefix", TakesPrefix ? "yes" : "no"),
        new("LM head", HasLanguageModelHead ? "yes" : "no"),
        new("Masked-LM head", HasMaskedLanguageModelHead ? "yes" : "no"),
    ];
}
