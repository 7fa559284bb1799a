namespace SkTuning;

/// <summary>
/// How a classifier chooses <see cref="TextClassifierPrediction.PossibleLabels"/>, so that they contain the true label of a row with a given
/// probability. Training makes them for <c>TextClassifierOptions.Coverage</c>, and <c>TextClassifier.RequireCoverage</c> from other rows.
/// </summary>
public sealed record PredictionSets
{
    internal PredictionSets() { }

    /// <summary>Gets the probability with which a set contains the true label of a row like those that it was calibrated on, from 0 to 1.</summary>
    public double Coverage { get; internal init; }

    /// <summary>
    /// Gets the limit of a set: labels belong to it, the most likely first, until the sum of their probabilities reaches about this number.
    /// </summary>
    public double Threshold { get; internal init; }

    /// <summary>Gets the temperature of the probabilities that the threshold applies to; it is not <see cref="ClassificationDecision.Temperature"/>.</summary>
    public double Temperature { get; internal init; }

    /// <summary>Gets the number of rows that the threshold was calibrated on.</summary>
    public int Rows { get; internal init; }

    /// <summary>
    /// The maximum number of labels that a user is asked to choose from: see <see cref="TextClassifierPrediction.Outcome"/>. The default is 3.
    /// </summary>
    public int MaxChoices { get; init; } = DefaultMaxChoices;

    internal const int DefaultMaxChoices = 3;

    internal static bool IsCoverage(double value) => value is > 0 and < 1;

    internal void Validate() => OptionCheck.That(nameof(PredictionSets), nameof(MaxChoices), MaxChoices, MaxChoices >= 1, "1 or more");
}
