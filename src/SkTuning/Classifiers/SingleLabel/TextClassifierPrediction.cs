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

    private protected override string AnswerText() => FormattableString.Invariant($"{Label}\t{Confidence:F4}");

    private protected override JsonObject AnswerJson() => new() { ["label"] = Label, ["confidence"] = Confidence, ["scores"] = ScoresJson(Scores) };
}
