namespace SkTuning.Prompts;

/// <summary>Consecutive tokens of a prompt.</summary>
/// <param name="Start">The index of the first token.</param>
/// <param name="Count">The number of tokens.</param>
internal readonly record struct PromptPart(int Start, int Count);
