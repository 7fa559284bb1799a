namespace SkTuning;

/// <summary>The coverage and accuracy of a classifier that answers only at or above a confidence.</summary>
/// <param name="Threshold">The minimum confidence of a prediction that is given.</param>
/// <param name="Coverage">The fraction of rows that get a prediction.</param>
/// <param name="Accuracy">The fraction of these predictions that are correct.</param>
public sealed record CoveragePoint(double Threshold, double Coverage, double Accuracy);
