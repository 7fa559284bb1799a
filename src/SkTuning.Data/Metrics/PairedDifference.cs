namespace SkTuning.Metrics;

/// <summary>By how much a first result is above a second one on the same rows.</summary>
/// <param name="Difference">First minus second, and its confidence interval.</param>
/// <param name="PValue">How likely a difference at least as far from 0 is if there is none (two-sided).</param>
public sealed record PairedDifference(ConfidenceInterval Difference, double PValue);
