using System.Text.Json.Nodes;

namespace SkTuning;

/// <summary>The number of one text.</summary>
public sealed record TextRegressorPrediction : TaskPrediction
{
    /// <summary>Gets the number, in the unit of the training rows; NaN if there is an <see cref="TaskPrediction.Error"/>.</summary>
    public required double Value { get; init; }

    private protected override string AnswerText() => FormattableString.Invariant($"{Value:G6}");

    private protected override JsonObject AnswerJson() => new() { ["value"] = Value };
}
