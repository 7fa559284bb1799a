namespace SkTuning.Batches;

/// <summary>The text, the pair or the words of a row.</summary>
/// <param name="Text">The text, or the words joined with spaces.</param>
/// <param name="Text2">The second text of a pair.</param>
/// <param name="Words">The words, if the row was given as words.</param>
/// <param name="AnsweredWords">The indices of the words that have an answer.</param>
internal sealed record RowSource(string Text, string? Text2 = null, IReadOnlyList<string>? Words = null, IReadOnlyList<int>? AnsweredWords = null);
