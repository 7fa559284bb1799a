namespace SkTuning;

/// <summary>Rows in two parts, each in the order of the rows it was made from.</summary>
/// <param name="Train">The rows to learn from.</param>
/// <param name="Held">The rows held out.</param>
/// <param name="HeldIndices">Where the rows held out stood, from 0: what a run records of its split.</param>
public sealed record RowSplit(IReadOnlyList<Row> Train, IReadOnlyList<Row> Held, IReadOnlyList<int> HeldIndices);
