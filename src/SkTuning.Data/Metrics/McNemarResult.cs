namespace SkTuning.Metrics;

/// <summary>The differences between two classifiers on the same rows.</summary>
/// <param name="OnlyFirst">The number of rows that only the first classifier predicts correctly.</param>
/// <param name="OnlySecond">The number of rows that only the second classifier predicts correctly.</param>
/// <param name="PValue">The two-sided probability of a split of these rows at least this uneven if neither classifier is better.</param>
public sealed record McNemarResult(int OnlyFirst, int OnlySecond, double PValue);
