namespace SkTuning;

/// <summary>What is answered, and how well, where only sure predictions are given.</summary>
/// <param name="Threshold">The least confidence of a prediction that is given.</param>
/// <param name="Coverage">The part of the rows that get one.</param>
/// <param name="Accuracy">The part of those that is right.</param>
public sealed record CoveragePoint(double Threshold, double Coverage, double Accuracy);
