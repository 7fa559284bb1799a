namespace SkTuning;

/// <summary>Represents a part of a text, in UTF-16 code units: <c>text[Start..End]</c>.</summary>
/// <param name="Start">The index of the first code unit.</param>
/// <param name="End">The index after the last code unit.</param>
public readonly record struct TextSpan(int Start, int End);
