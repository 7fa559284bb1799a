namespace SkTuning.Metrics;

/// <summary>A wrong prediction with high confidence.</summary>
/// <param name="Row">The index of the row, from 0.</param>
/// <param name="Truth">The label of the row.</param>
/// <param name="Predicted">The predicted label.</param>
/// <param name="Confidence">The confidence of the prediction.</param>
public sealed record ConfidentError(int Row, string Truth, string Predicted, double Confidence);
