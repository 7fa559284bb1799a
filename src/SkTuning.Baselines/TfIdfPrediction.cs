namespace SkTuning.Baselines;

/// <summary>The prediction of a <see cref="TfIdfClassifier"/> for a text.</summary>
/// <param name="Label">The most probable label, or the first of several equally probable ones.</param>
/// <param name="Confidence">The probability of the label.</param>
/// <param name="Scores">The probabilities of all labels, in the order of <see cref="TfIdfClassifier.Labels"/>.</param>
public sealed record TfIdfPrediction(string Label, double Confidence, IReadOnlyList<double> Scores)
{
    /// <summary>Returns the label and its probability in one line.</summary>
    public override string ToString() => FormattableString.Invariant($"{Label}\t{Confidence:F4}");
}
