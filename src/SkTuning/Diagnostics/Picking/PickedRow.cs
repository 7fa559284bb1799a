namespace SkTuning.Diagnostics;

/// <summary>A row that was chosen to be labeled.</summary>
/// <param name="Number">The number of the row among those read, from 1.</param>
/// <param name="Row">The row.</param>
/// <param name="Score">
/// Without an adapter, the typicality: 1 / (the mean distance to similar texts). With one, the uncertainty, from 0 to 1.
/// </param>
/// <param name="Similar">The number of candidates in its cluster, itself included.</param>
/// <param name="Reason">Why the row was chosen.</param>
public sealed record PickedRow(long Number, Row Row, double Score, int Similar, string Reason);
