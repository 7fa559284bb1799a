namespace SkTuning;

/// <summary>
/// How a classifier turns scores into confidences and answers. It changes no label. Immutable: apply it with
/// <c>TextClassifier.WithDecision</c>.
/// </summary>
public sealed record ClassificationDecision
{
    /// <summary>
    /// The number that scores are divided by before they become probabilities, above 0. The default is 1; <c>TextClassifier.Calibrate</c> fits it.
    /// </summary>
    public double Temperature { get; init; } = 1;

    /// <summary>
    /// The confidence that a prediction must reach to be <see cref="TextClassifierPrediction.IsConfident"/>, from 0 to 1. The
    /// default is 0: every prediction is.
    /// </summary>
    public double ConfidenceThreshold { get; init; }

    /// <summary>How sets of labels are chosen. The default is <see langword="null"/>: there are none.</summary>
    public PredictionSets? Sets { get; init; }

    /// <summary>
    /// When a text is <see cref="TextClassifierPrediction.IsOutOfScope"/>. The default is <see langword="null"/>: never.
    /// </summary>
    public RejectionRule? Rejection { get; init; }

    internal const double MaxTemperature = 1000;

    internal void Validate()
    {
        OptionCheck.That(nameof(ClassificationDecision), nameof(Temperature), Temperature, Temperature is > 0 and <= MaxTemperature, "above 0, at most 1000");
        OptionCheck.That(nameof(ClassificationDecision), nameof(ConfidenceThreshold), ConfidenceThreshold, ConfidenceThreshold is >= 0 and <= 1, "0 to 1");
        Sets?.Validate();
        Rejection?.Validate();
    }
}
