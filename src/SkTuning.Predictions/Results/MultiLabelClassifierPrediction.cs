using System.Text.Json.Nodes;

namespace SkTuning;

/// <summary>The labels of one text.</summary>
public sealed record MultiLabelClassifierPrediction : TaskPrediction
{
    /// <summary>Gets the labels whose probability reaches their threshold, in the order of the labels. There may be none.</summary>
    public required IReadOnlyList<string> Labels { get; init; }

    /// <summary>Gets the probability of every label, in the order of the labels. They do not add up to 1.</summary>
    public required IReadOnlyDictionary<string, double> Scores { get; init; }

    private protected override string AnswerText() => string.Join('|', Labels);

    private protected override JsonObject AnswerJson() => new() { ["labels"] = TextsJson(Labels), ["scores"] = ScoresJson(Scores) };
}
