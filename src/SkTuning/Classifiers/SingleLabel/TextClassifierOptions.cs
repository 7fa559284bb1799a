namespace SkTuning;

/// <summary>The options of a <see cref="TextClassifier"/>. If no dev rows are given, a stratified part of the training rows is held out.</summary>
public sealed record TextClassifierOptions : AdapterOptions<Row>
{
    /// <summary>
    /// The probability, above 0 and below 1, with which <see cref="TextClassifierPrediction.PossibleLabels"/> are to contain the true label. The dev rows
    /// calibrate them, or the scores of a cross-validation where there are none; they must be at least 1 / (1 - coverage) - 1, such as 19 for 0.95. The default
    /// is <see langword="null"/>: predictions have no possible labels but their own.
    /// </summary>
    public double? Coverage { get; init; }

    /// <summary>
    /// How the classifier learns to reject texts that belong to none of its labels. The default is <see langword="null"/>: every text gets a label.
    /// </summary>
    public RejectionOptions? Rejection { get; init; }
}
