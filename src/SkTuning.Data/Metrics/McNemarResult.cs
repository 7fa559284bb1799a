namespace SkTuning.Metrics;

/// <summary>Where two classifiers differ on the same rows.</summary>
/// <param name="OnlyFirst">Rows that only the first has right.</param>
/// <param name="OnlySecond">Rows that only the second has right.</param>
/// <param name="PValue">How likely a split of these rows at least as uneven is if neither is better (two-sided).</param>
public sealed record McNemarResult(int OnlyFirst, int OnlySecond, double PValue);
