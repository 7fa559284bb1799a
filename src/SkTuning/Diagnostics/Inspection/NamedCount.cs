namespace SkTuning.Diagnostics;

/// <summary>How often something is there.</summary>
/// <param name="Name">A label, a word, a part of the data.</param>
/// <param name="Count">How many rows (of unknown words: how many times).</param>
public sealed record NamedCount(string Name, long Count);
