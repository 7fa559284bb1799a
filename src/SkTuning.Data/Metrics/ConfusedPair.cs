namespace SkTuning.Metrics;

/// <summary>Rows of one label that were taken for another.</summary>
/// <param name="Truth">Their label.</param>
/// <param name="Predicted">What was predicted.</param>
/// <param name="Rows">How many.</param>
/// <param name="PartOfTruth">Their part of all rows of the label, 0 to 1.</param>
public sealed record ConfusedPair(string Truth, string Predicted, int Rows, double PartOfTruth);
