namespace SkTuning.Metrics;

/// <summary>A value and the range that other rows of the same kind would put it in.</summary>
/// <param name="Value">The value on the rows given.</param>
/// <param name="Low">The lower bound; NaN where no resample has a value.</param>
/// <param name="High">The upper bound.</param>
/// <param name="Confidence">How often such a range holds the true value: 0.95 for 95 %.</param>
public sealed record ConfidenceInterval(double Value, double Low, double High, double Confidence);
