using SkTuning.Decisions;

namespace SkTuning;

/// <summary>
/// How a <see cref="TextClassifier"/> learns to reject texts that belong to none of its labels. The labels that are predicted do not change.
/// </summary>
public sealed record RejectionOptions
{
    /// <summary>The score that decides. The default is <see langword="null"/>: the rows decide (docs/decisions.md).</summary>
    public RejectionScore? Score { get; init; }

    /// <summary>
    /// The fraction of the rows in scope that may be rejected, from 0 to 0.5. The default is <see langword="null"/>: 0.05 or, where rows out of scope are
    /// given, the fraction with the highest mean of two: the rows in scope that are kept, and the rows out of scope that are rejected.
    /// </summary>
    public double? RejectedFraction { get; init; }

    /// <summary>
    /// The label of rows that are out of scope. They are not trained on: they choose the score and the threshold, and in an evaluation they are counted
    /// apart. The default is <see langword="null"/>: all rows are in scope, and every label is trained.
    /// </summary>
    public string? OutOfScopeLabel { get; init; }

    /// <summary>
    /// The number of nearest rows for <see cref="RejectionScore.NearestNeighbors"/>, from 1 to 1000. The default is 1: with few rows of a label, the
    /// nearest one says most.
    /// </summary>
    public int Neighbors { get; init; } = 1;

    internal const double DefaultFraction = 0.05;

    /// <summary>Refuses a score that a head has no features for.</summary>
    internal void RequireFeatures(bool hasFeatures)
    {
        if (Score is { } score && OutOfScopeScorer.ReadsFeatures(score) && !hasFeatures)
            throw new SkTuningException($"{nameof(RejectionOptions)}.{nameof(Score)} is {score}, but the head has no features that can be compared: use "
                + $"{RejectionScore.MaximumProbability} or {RejectionScore.Energy}, or another head.");
    }

    internal void Validate()
    {
        const string Owner = nameof(RejectionOptions);
        if (Score is { } score) OptionCheck.IsDefined(Owner, nameof(Score), score);
        OptionCheck.That(Owner, nameof(RejectedFraction), RejectedFraction, RejectedFraction is null or (>= 0 and <= 0.5), "0 to 0.5");
        OptionCheck.That(Owner, nameof(OutOfScopeLabel), OutOfScopeLabel, OutOfScopeLabel is null || OutOfScopeLabel.Length > 0, "a label");
        OptionCheck.That(Owner, nameof(Neighbors), Neighbors, Neighbors is >= 1 and <= 1000, "1 to 1000");
    }
}
