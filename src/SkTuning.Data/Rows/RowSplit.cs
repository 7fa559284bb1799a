namespace SkTuning;

/// <summary>Rows divided into two parts, each in the original order.</summary>
/// <param name="Train">The training rows.</param>
/// <param name="HeldOut">The rows that are held out.</param>
/// <param name="HeldOutIndices">The indices of the held-out rows among the original rows, from 0, as recorded by a run.</param>
public sealed record RowSplit(IReadOnlyList<Row> Train, IReadOnlyList<Row> HeldOut, IReadOnlyList<int> HeldOutIndices);
