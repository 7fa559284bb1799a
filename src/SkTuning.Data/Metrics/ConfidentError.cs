namespace SkTuning.Metrics;

/// <summary>A wrong prediction that was sure of itself.</summary>
/// <param name="Row">The row, from 0.</param>
/// <param name="Truth">Its label.</param>
/// <param name="Predicted">What was predicted.</param>
/// <param name="Confidence">How sure the prediction was.</param>
public sealed record ConfidentError(int Row, string Truth, string Predicted, double Confidence);
