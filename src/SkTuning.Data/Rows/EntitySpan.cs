namespace SkTuning;

/// <summary>An entity in a sentence of tokens.</summary>
/// <param name="Type">The type of the entity, such as PER or LOC; empty if the tags name no type.</param>
/// <param name="Start">The index of the first token, from 0.</param>
/// <param name="End">The index after the last token.</param>
public sealed record EntitySpan(string Type, int Start, int End);
