using SkTuning.Metrics;
using SkTuning.Training;

namespace SkTuning;

/// <summary>
/// Whether the texts of the labels (<see cref="AdapterOptions.LabelDescriptions"/>, or the labels' names) help, by a cross-validation of the head alone: with
/// the texts, without them, and without each of them.
/// </summary>
public sealed record DescriptionCheck
{
    /// <summary>Gets the name of the metric, such as <c>accuracy</c>.</summary>
    public required string Metric { get; init; }

    /// <summary>Gets the metric with the texts.</summary>
    public required double Score { get; init; }

    /// <summary>Gets the metric of a head that knows nothing about the labels but their rows.</summary>
    public required double ScoreWithout { get; init; }

    /// <summary>Gets the score with the texts minus the score without, with the 95 % interval of the choice of rows.</summary>
    public required ConfidenceInterval Difference { get; init; }

    /// <summary>Gets a value that indicates whether the texts were also checked one by one. They are not if there are more than 64.</summary>
    public required bool AreTextsChecked { get; init; }

    /// <summary>
    /// Gets the texts without which the score is better by more than the choice of rows explains (95 %), the worst first. If a label has one text, its name
    /// takes the place of the text. With many texts, one of them can be here by chance.
    /// </summary>
    public required IReadOnlyList<MisleadingText> Misleading { get; init; }

    /// <summary>Gets the result in one sentence. Scores whose maximum is 1 are in points: 78.5 is 0.785.</summary>
    public string Summary
    {
        get
        {
            var what = HaveHurt ? "The label texts hurt" : HaveHelped ? "The label texts help" : "It is not certain whether the label texts help or hurt";
            return $"{what}: {Metric} {ScoreText.Of(Score, LowerIsBetter)} with them, {ScoreText.Of(ScoreWithout, LowerIsBetter)} without "
                + "(head alone, cross-validation).";
        }
    }

    /// <summary>Returns <see cref="Summary"/>.</summary>
    public override string ToString() => Summary;

    /// <summary>True if a lower value of the metric is better.</summary>
    internal bool LowerIsBetter { get; init; }

    /// <summary>True if the texts make the head worse by more than the choice of rows explains.</summary>
    internal bool HaveHurt => LowerIsBetter ? Difference.Low > 0 : Difference.High < 0;

    private bool HaveHelped => LowerIsBetter ? Difference.High < 0 : Difference.Low > 0;

    /// <summary>Returns a sentence about a text.</summary>
    internal string Sentence(MisleadingText text)
        => $"The text \"{text.Text}\" of the label {text.Label} seems to hurt: {ScoreText.Of(Score, LowerIsBetter)} with it, "
            + $"{ScoreText.Of(Score + text.Gain, LowerIsBetter)} without.";
}

/// <summary>A text of a label without which the head alone is better.</summary>
/// <param name="Label">The label.</param>
/// <param name="Text">The text.</param>
/// <param name="Gain">The score without the text minus the score with it.</param>
public sealed record MisleadingText(string Label, string Text, double Gain);
