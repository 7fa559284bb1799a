namespace SkTuning;

/// <summary>
/// How a classifier with several labels for a text turns probabilities into labels. Immutable: apply it with <c>MultiLabelClassifier.WithDecision</c>.
/// </summary>
/// <param name="Thresholds">The probability from which each label is predicted, from 0 to 1, in the order of the labels.</param>
public sealed record MultiLabelDecision(IReadOnlyList<double> Thresholds)
{
    internal const double DefaultThreshold = 0.5;

    internal static MultiLabelDecision Default(int labels) => new([.. Enumerable.Repeat(DefaultThreshold, labels)]);
}
