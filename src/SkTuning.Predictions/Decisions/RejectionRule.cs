using SkTuning.Decisions;

namespace SkTuning;

/// <summary>
/// When a text is out of scope: its score is above a threshold. Training with <c>RejectionOptions</c> makes a rule, or
/// <c>TextClassifier.FitRejection</c> does so later. Immutable.
/// </summary>
public sealed record RejectionRule
{
    internal RejectionRule(OutOfScopeScorer scorer) => Scorer = scorer;

    /// <summary>Gets the score that decides.</summary>
    public RejectionScore Score => Scorer.Score;

    /// <summary>The threshold: a text with a higher score is out of scope.</summary>
    public double Threshold { get; init; }

    /// <summary>The label of rows that are out of scope in an evaluation; <see langword="null"/> if there is none.</summary>
    public string? OutOfScopeLabel { get; init; }

    /// <summary>
    /// Gets what the rule is expected to do, measured on rows that the model was not trained on; <see langword="null"/> for an adapter that was loaded.
    /// </summary>
    public RejectionReport? Report { get; internal init; }

    internal OutOfScopeScorer Scorer { get; init; }

    internal void Validate()
    {
        OptionCheck.That(nameof(RejectionRule), nameof(Threshold), Threshold, double.IsFinite(Threshold), "a finite number");
        OptionCheck.That(nameof(RejectionRule), nameof(OutOfScopeLabel), OutOfScopeLabel, OutOfScopeLabel is null || OutOfScopeLabel.Length > 0, "a label");
    }
}
