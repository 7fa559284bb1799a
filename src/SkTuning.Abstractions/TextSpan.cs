namespace SkTuning;

/// <summary>A part of a text, in UTF-16 units: <c>text[Start..End]</c>.</summary>
/// <param name="Start">The first unit.</param>
/// <param name="End">One behind the last unit.</param>
public readonly record struct TextSpan(int Start, int End);
