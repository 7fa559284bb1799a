namespace SkTuning;

/// <summary>A labeled range of a text, in UTF-16 code units: <c>text[Start..End]</c>.</summary>
/// <param name="Start">The index of the first code unit.</param>
/// <param name="End">The index after the last code unit.</param>
/// <param name="Label">The label, such as PER, LOC, or disease.</param>
public sealed record CharSpan(int Start, int End, string Label);
