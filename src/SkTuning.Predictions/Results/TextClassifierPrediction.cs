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
    /// Gets the labels of a set that contains the true label with the probability <see cref="PredictionSets.Coverage"/>, the most likely first. The first is
    /// <see cref="Label"/>. <see langword="null"/> if the classifier makes no sets (<see cref="ClassificationDecision.Sets"/>).
    /// </summary>
    public IReadOnlyList<string>? PossibleLabels { get; init; }

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

    /// <summary>
    /// Gets what to do with the prediction: use its label, ask the user to choose from the <see cref="PossibleLabels"/>, or hand the text to a person, as also
    /// where it is out of scope.
    /// </summary>
    public PredictionOutcome Outcome => Error is not null || IsOutOfScope || PossibleLabels?.Count > MaxChoices ? PredictionOutcome.Escalate
        : PossibleLabels?.Count > 1 ? PredictionOutcome.Ask
        : IsConfident ? PredictionOutcome.Answer : PredictionOutcome.Escalate;

    internal int MaxChoices { get; init; } = PredictionSets.DefaultMaxChoices;

    private protected override string AnswerText()
    {
        var answer = FormattableString.Invariant($"{Label}\t{Confidence:F4}");
        if (PossibleLabels is not null) answer += $"\t{Outcome.ToString().ToLowerInvariant()}\t{string.Join(" | ", PossibleLabels)}";
        return IsOutOfScope ? answer + "\tout of scope" : answer;
    }

    private protected override JsonObject AnswerJson()
    {
        var json = new JsonObject { ["label"] = Label, ["confidence"] = Confidence, ["scores"] = ScoresJson(Scores) };
        if (PossibleLabels is not null)
        {
            json["possibleLabels"] = TextsJson(PossibleLabels);
            json["outcome"] = Outcome.ToString().ToLowerInvariant();
        }
        if (OutOfScopeScore is { } score) (json["outOfScope"], json["outOfScopeScore"]) = (IsOutOfScope, score);
        return json;
    }
}
