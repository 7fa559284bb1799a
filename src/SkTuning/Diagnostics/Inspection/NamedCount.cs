namespace SkTuning.Diagnostics;

/// <summary>A name with a count.</summary>
/// <param name="Name">A label, a word, or a part of the data.</param>
/// <param name="Count">The number of rows or, for an unknown word, of occurrences.</param>
public sealed record NamedCount(string Name, long Count);
