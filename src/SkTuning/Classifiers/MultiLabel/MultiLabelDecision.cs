namespace SkTuning;

/// <summary>
/// How a <see cref="MultiLabelClassifier"/> turns probabilities into labels. Immutable: apply it with <see cref="MultiLabelClassifier.WithDecision"/>.
/// </summary>
/// <param name="Thresholds">The probability from which each label is predicted, from 0 to 1, in the order of the labels.</param>
public sealed record MultiLabelDecision(IReadOnlyList<double> Thresholds)
{
    internal const double DefaultThreshold = 0.5;
}
