namespace SkTuning;

/// <summary>How one class fared.</summary>
/// <param name="Label">Its label.</param>
/// <param name="Scores">Its precision, recall and F1.</param>
/// <param name="Rows">How many rows truly are of it (the support).</param>
public sealed record ClassScores(string Label, Scores Scores, int Rows);
