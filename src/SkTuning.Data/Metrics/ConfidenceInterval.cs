namespace SkTuning.Metrics;

/// <summary>A value and the range in which other rows of the same kind would put it.</summary>
/// <param name="Value">The value on the given rows.</param>
/// <param name="Low">The lower bound; NaN if no sample has a value.</param>
/// <param name="High">The upper bound.</param>
/// <param name="Confidence">The fraction of such ranges that contain the true value: 0.95 for 95%.</param>
public sealed record ConfidenceInterval(double Value, double Low, double High, double Confidence);
