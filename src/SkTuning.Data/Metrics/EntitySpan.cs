namespace SkTuning;

/// <summary>An entity in a sentence of tokens.</summary>
/// <param name="Type">What it is: PER, LOC ...; empty where the tags name no type.</param>
/// <param name="Start">Its first token, from 0.</param>
/// <param name="End">The token behind its last one.</param>
public sealed record EntitySpan(string Type, int Start, int End);
