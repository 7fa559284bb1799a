namespace SkTuning.Metrics;

/// <summary>Rows of one label that were predicted as another.</summary>
/// <param name="Truth">The label of the rows.</param>
/// <param name="Predicted">The predicted label.</param>
/// <param name="Rows">The number of rows.</param>
/// <param name="FractionOfTruth">The fraction of all rows of the true label, from 0 to 1.</param>
public sealed record ConfusedPair(string Truth, string Predicted, int Rows, double FractionOfTruth);
