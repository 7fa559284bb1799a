namespace SkTuning.Metrics;

/// <summary>The difference between two results on the same rows or seeds.</summary>
/// <param name="Difference">The first result minus the second, with its confidence interval.</param>
/// <param name="PValue">The two-sided probability of a difference at least this far from 0 if there is none.</param>
public sealed record PairedDifference(ConfidenceInterval Difference, double PValue);
