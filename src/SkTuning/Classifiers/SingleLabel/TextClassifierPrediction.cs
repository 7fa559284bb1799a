using System.Text.Json.Nodes;

namespace SkTuning;

/// <summary>The label of one text.</summary>
public sealed record TextClassifierPrediction : TaskPrediction
{
    /// <summary>Gets the label with the highest probability; empty if there is an <see cref="TaskPrediction.Error"/>.</summary>
    public required string Label { get; init; }

    /// <summary>Gets the probability of the label, from 0 to 1.</summary>
    public required double Confidence { get; init; }

    /// <summary>Gets the probability of every label, in the order of the labels.</summary>
    public required IReadOnlyDictionary<string, double> Scores { get; init; }

    /// <summary>
    /// Gets a value that indicates whether the confidence reaches <see cref="ClassificationDecision.ConfidenceThreshold"/>. If it does not, ask a person.
    /// </summary>
    public bool IsConfident { get; init; } = true;

    /// <summary>
    /// Gets a value that indicates whether the text belongs to none of the labels, by the rule of the decision
    /// (<see cref="ClassificationDecision.Rejection"/>). The label is then the least unlikely one.
    /// </summary>
    public bool IsOutOfScope { get; init; }

    /// <summary>
    /// Gets the score that decides whether the text is out of scope: above <see cref="RejectionRule.Threshold"/>, it is. <see langword="null"/> if the decision
    /// has no rule.
    /// </summary>
    public double? OutOfScopeScore { get; init; }

    private protected override string AnswerText()
        => FormattableString.Invariant($"{Label}\t{Confidence:F4}") + (IsOutOfScope ? "\tout of scope" : "");

    private protected override JsonObject AnswerJson()
    {
        var json = new JsonObject { ["label"] = Label, ["confidence"] = Confidence, ["scores"] = ScoresJson(Scores) };
        if (OutOfScopeScore is { } score) (json["outOfScope"], json["outOfScopeScore"]) = (IsOutOfScope, score);
        return json;
    }
}
