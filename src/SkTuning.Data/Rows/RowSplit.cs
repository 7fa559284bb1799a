namespace SkTuning;

/// <summary>Rows divided into two parts, each in the original order.</summary>
/// <param name="Train">The training rows.</param>
/// <param name="Held">The rows that are held out.</param>
/// <param name="HeldIndices">The indices of the held-out rows among the original rows, from 0, as recorded by a run.</param>
public sealed record RowSplit(IReadOnlyList<Row> Train, IReadOnlyList<Row> Held, IReadOnlyList<int> HeldIndices);
