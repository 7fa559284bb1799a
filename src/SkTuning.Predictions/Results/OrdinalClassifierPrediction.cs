using System.Text.Json.Nodes;

namespace SkTuning;

/// <summary>The level of one text.</summary>
public sealed record OrdinalClassifierPrediction : TaskPrediction
{
    /// <summary>
    /// Gets the median level: half of the probability is at or below it, so that it has the lowest expected distance from the true level. Empty if there is an
    /// <see cref="TaskPrediction.Error"/>.
    /// </summary>
    public required string Label { get; init; }

    /// <summary>Gets the probability of the level, from 0 to 1.</summary>
    public required double Confidence { get; init; }

    /// <summary>Gets the mean of the levels weighted by their probabilities, where the lowest level is 1; NaN if there is an error.</summary>
    public required double ExpectedLevel { get; init; }

    /// <summary>Gets the probability of every level, lowest level first.</summary>
    public required IReadOnlyDictionary<string, double> Scores { get; init; }

    private protected override string AnswerText() => FormattableString.Invariant($"{Label}\t{ExpectedLevel:F2}");

    private protected override JsonObject AnswerJson()
        => new() { ["label"] = Label, ["confidence"] = Confidence, ["expectedLevel"] = ExpectedLevel, ["scores"] = ScoresJson(Scores) };
}
