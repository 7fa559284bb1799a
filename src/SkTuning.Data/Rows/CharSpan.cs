namespace SkTuning;

/// <summary>A labelled part of a text, in UTF-16 units: <c>text[Start..End]</c>.</summary>
/// <param name="Start">The first unit.</param>
/// <param name="End">One behind the last unit.</param>
/// <param name="Label">What it is: PER, LOC, disease ...</param>
public sealed record CharSpan(int Start, int End, string Label);
