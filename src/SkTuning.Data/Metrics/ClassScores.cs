namespace SkTuning;

/// <summary>The scores of one class.</summary>
/// <param name="Label">The label of the class.</param>
/// <param name="Scores">The precision, recall, and F1.</param>
/// <param name="Rows">The number of rows that truly belong to the class (its support).</param>
public sealed record ClassScores(string Label, Scores Scores, int Rows);
